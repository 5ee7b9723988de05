using HubSpotBus.Hub.Access;
using HubSpotBus.ServiceDefaults;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_public_url_with_a_path_is_refused_at_the_start() =>
        (await Should.ThrowAsync<OptionsValidationException>(
            () => AHub.StartAsync(new Dictionary<string, string?> { ["Hub:PublicUrl"] = "https://shop.example/hubspotbus" })))
            .Message.ShouldContain("Hub:PublicUrl has to be an address without a path");

    [Theory]
    [InlineData(null)]
    [InlineData("")] // whoever died while it was written
    [InlineData("\n")]
    public async Task The_administrators_key_is_made_where_there_is_none_and_the_empty_key_opens_nothing(string? file)
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        if (file is not null)
            await File.WriteAllTextAsync(Path.Combine(folder, "admin-key"), file, TestContext.Current.CancellationToken);
        var key = new AdminKey(Options.Create(new HubOptions()), Options.Create(new DataOptions { Folder = folder }));
        key.Is("").ShouldBeFalse();
        var made = (await File.ReadAllTextAsync(Path.Combine(folder, "admin-key"), TestContext.Current.CancellationToken)).Trim();
        made.ShouldStartWith("hsb_");
        key.Is(made).ShouldBeTrue();
        new AdminKey(Options.Create(new HubOptions()), Options.Create(new DataOptions { Folder = folder })).Is(made).ShouldBeTrue();
        Directory.Delete(folder, recursive: true);
    }
}
