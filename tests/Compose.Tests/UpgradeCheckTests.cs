using Shouldly;
using Xunit;

namespace HubSpotBus.Compose.Tests;

public sealed class UpgradeCheckTests
{
    /// <summary>Over two replicas of each service, with sagas in flight and full queues (UpgradeTests of EndToEnd.Tests).</summary>
    [Fact]
    public async Task Northwind_begun_by_the_previous_release_is_finished_by_this_version()
    {
        await Commands.ContainersAreNeededAsync();
        var none = new Dictionary<string, string>();
        var file = Path.Combine(Commands.RepositoryRoot, "build", "previous-release");
        var commit = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();
        var (code, _) = await Commands.RunAsync(none, "git", "cat-file", "-e", $"{commit}^{{commit}}");
        Assert.SkipWhen(code != 0, $"The upgrade from the previous release is NOT TESTED: the history of this checkout does not have "
            + $"{commit} (build/previous-release). Where it is a shallow one: git fetch --unshallow");

        (await Commands.MakeAsync(none, "upgrade-check")).ShouldContain("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0");
    }
}
