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
}
