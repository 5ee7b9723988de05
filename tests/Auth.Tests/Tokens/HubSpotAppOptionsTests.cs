using HubSpotBus.Auth.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Tokens;

public sealed class HubSpotAppOptionsTests
{
    [Theory]
    [InlineData("https://api.hubapi.com", true)]
    [InlineData("https://api.hubapi.com/", true)]
    [InlineData("https://API.hubspot.com", true)]
    [InlineData("http://127.0.0.1:5190", true)]
    [InlineData("http://api.hubapi.com", false)]
    [InlineData("https://api.hubapi.com:8443", false)]
    [InlineData("https://api.hubapi.com@evil.example", false)]
    [InlineData("https://user@api.hubapi.com", false)]
    [InlineData("https://api.hubapi.com.evil.example", false)]
    [InlineData("https://evil.example/api.hubapi.com", false)]
    [InlineData("https://api.hubapi.com/proxy", false)]
    [InlineData("https://api.hubapi.com?x=y", false)]
    [InlineData("http://127.0.0.1:5191", false)]
    [InlineData("http://127.0.0.1", false)]
    [InlineData("ftp://127.0.0.1:5190", false)]
    public void Tokens_go_to_HubSpot_or_where_the_operator_allowed(string url, bool allowed) =>
        new HubSpotAppOptions { AdditionalApiHosts = ["other.example", "127.0.0.1:5190"] }.AllowsApiUrl(new Uri(url)).ShouldBe(allowed);

    [Fact]
    public void A_relative_url_is_refused() => new HubSpotAppOptions().AllowsApiUrl(new Uri("/x", UriKind.Relative)).ShouldBeFalse();

    [Theory]
    [InlineData("https://bus.example/bus")]
    [InlineData("https://bus.example/?x=y")]
    [InlineData("bus.example")]
    public async Task A_public_url_that_is_more_than_an_address_is_refused_at_the_start(string publicUrl) =>
        (await Should.ThrowAsync<OptionsValidationException>(() => AuthUnderTest.StartAsync(new() { ["HubSpotApp:PublicUrl"] = publicUrl })))
            .Message.ShouldContain("HubSpotApp:PublicUrl has to be an address without a path");

    [Theory]
    [InlineData("https://bus.example", "https://bus.example/oauth/callback")]
    [InlineData("https://bus.example/", "https://bus.example/oauth/callback")]
    [InlineData("http://localhost:5080", "http://localhost:5080/oauth/callback")]
    [InlineData(null, "http://asked.example:5180/oauth/callback")]
    public void The_redirect_url_hangs_on_the_public_url_or_on_the_address_asked(string? publicUrl, string redirect)
    {
        var request = new DefaultHttpContext { Request = { Scheme = "http", Host = new HostString("asked.example", 5180) } }.Request;
        new HubSpotAppOptions { PublicUrl = publicUrl is null ? null : new Uri(publicUrl) }.RedirectUrl(request).AbsoluteUri.ShouldBe(redirect);
    }
}
