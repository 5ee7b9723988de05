using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Shouldly;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Two installations at once are more than a small machine carries.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace HubSpotBus.Compose.Tests;

/// <summary>The commands of the distributed set-up, as an operator types them; each test has an installation of its own.</summary>
public sealed class ComposeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_installation_comes_up_knows_its_address_grows_goes_back_to_a_backup_and_goes_down()
    {
        await using var installation = await AnInstallationOfContainers.NewAsync("up");

        await installation.MakeAsync("up");
        (await installation.ContainersAsync()).ShouldAllBe(c => c.EndsWith("(healthy)", StringComparison.Ordinal));
        (await installation.ReplicasAsync("transaction")).ShouldBe(1);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(installation.EnvFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var secret in new[] { "RABBITMQ_PASSWORD", "POSTGRES_PASSWORD", "SERVICE_KEY", "ADMIN_KEY" })
            installation.Secret(secret).Length.ShouldBeGreaterThanOrEqualTo(64);

        foreach (var service in new[] { "auth", "mapping", "customer", "product-prerequisite", "transaction", "hub" })
            await IsLockedInAsync(installation, service);

        using var plain = installation.Browser(installation.Address);
        await LeadsToAsync(plain, installation.Address, installation.Secret("ADMIN_KEY"));
        using var safe = installation.Browser(installation.SafeAddress);
        await LeadsToAsync(safe, installation.SafeAddress, installation.Secret("ADMIN_KEY"));
        // Whoever sends these through the proxy is not the proxy.
        plain.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        plain.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example");
        await LeadsToAsync(plain, installation.Address, installation.Secret("ADMIN_KEY"));

        var backup = Path.Combine(installation.Folder, "backup.tar.gz");
        await installation.MakeAsync("backup", $"FILE={backup}");
        await AddCompanyAsync(plain);
        (await CompaniesAsync(plain)).ShouldBe(4);
        await installation.MakeAsync("restore", $"FILE={backup}");
        (await CompaniesAsync(plain)).ShouldBe(3);

        await installation.MakeAsync("scale", "SERVICE=transaction", "N=2");
        (await installation.ReplicasAsync("transaction")).ShouldBe(2);
        (await installation.ContainersAsync()).ShouldAllBe(c => c.EndsWith("(healthy)", StringComparison.Ordinal));
        await installation.MakeAsync("scale", "SERVICE=transaction", "N=1");
        (await installation.ReplicasAsync("transaction")).ShouldBe(1);

        await installation.MakeAsync("down");
        (await installation.ContainersAsync()).ShouldBeEmpty();
        (await installation.NetworksAsync()).ShouldBeEmpty();
        (await installation.VolumesAsync()).ShouldContain($"{installation.Name}_postgres-data", "the data stays");
    }

    /// <summary>Northwind, a backup in its middle that is restored after its end, and the demo's report each time; where no key is unique.</summary>
    [Fact]
    public async Task The_demo_on_services_doubles_nothing_after_a_restore_and_leaves_nothing_behind()
    {
        await using var installation = await AnInstallationOfContainers.NewAsync("demo");

        var report = await installation.MakeAsync("demo-restore", "KEYS_NOT_UNIQUE=1");

        report.ShouldContain("HubSpot has 830 of 830 orders and 2155 of 2155 line items.");
        foreach (var (type, count) in new[] { ("companies", 91), ("customers", 91), ("products", 77), ("transactions", 830) })
            Lines(report).Count(words => words.SequenceEqual([type, $"{count}", "0"])).ShouldBe(2, $"{type} in each report");
        (await installation.ContainersAsync()).ShouldBeEmpty();
        (await installation.NetworksAsync()).ShouldBeEmpty();
        (await installation.VolumesAsync()).ShouldBeEmpty();
    }

    /// <summary>It runs as nobody else's user, without capabilities, cannot write where its program is, and leaves no dump of what it knows.</summary>
    private static async Task IsLockedInAsync(AnInstallationOfContainers installation, string service)
    {
        var process = await installation.InsideAsync(service, "cat /proc/1/status /proc/1/limits; tr '\\0' '\\n' </proc/1/environ; touch /app/x 2>&1 || true");
        var lines = Lines(process).Select(words => string.Join(' ', words)).ToList();
        lines.ShouldContain("Uid: 1654 1654 1654 1654", service);
        lines.ShouldContain("CapEff: 0000000000000000", service);
        lines.ShouldContain("NoNewPrivs: 1", service);
        lines.ShouldContain("Max core file size 0 0 bytes", service);
        lines.ShouldContain("DOTNET_EnableDiagnostics=0", service);
        lines.ShouldContain(line => line.EndsWith("Read-only file system", StringComparison.Ordinal), service);
    }

    /// <summary>The link that connects a subscription, and the address that HubSpot is to send the browser back to, are where the browser is.</summary>
    private static async Task LeadsToAsync(HttpClient browser, Uri address, string adminKey)
    {
        var company = await AddCompanyAsync(browser);
        var subscription = await PostAsync(browser, $"/api/companies/{company}/subscriptions", new { name = "HubSpot - Test" });
        var link = await PostAsync(browser, $"/api/companies/{company}/subscriptions/{subscription["id"]}/connection", new { });
        var connect = new Uri(address, $"/subscriptions/{subscription["id"]}/connect");
        new Uri((string)link["authorizeUrl"]!).ShouldBe(connect);

        // Through the proxy: from the page to signing in and back, and on to HubSpot by a link that Auth takes in that session, and in no other.
        using var toSignIn = await browser.GetAsync(connect, Cancellation);
        using var signedIn = await browser.PostAsync(toSignIn.Headers.Location, new FormUrlEncodedContent([new("key", adminKey)]), Cancellation);
        signedIn.Headers.Location!.OriginalString.ShouldBe(connect.PathAndQuery, await signedIn.Content.ReadAsStringAsync(Cancellation));
        using var pressed = await browser.PostAsync(connect, null, Cancellation);
        pressed.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe(new Uri(address, "/oauth/begin").ToString());
        using var sent = await browser.GetAsync(pressed.Headers.Location, Cancellation);
        HttpUtility.ParseQueryString(sent.Headers.Location!.Query)["redirect_uri"].ShouldBe(new Uri(address, "/oauth/callback").ToString());
        using var pressedAgain = await browser.PostAsync(connect, null, Cancellation);
        using var signedOut = await browser.PostAsync("/sign-out", null, Cancellation);
        using var refused = await browser.GetAsync(pressedAgain.Headers.Location, Cancellation);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>Each line's words.</summary>
    private static IEnumerable<string[]> Lines(string text) => text.Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static async Task<string> AddCompanyAsync(HttpClient browser) =>
        (string)(await PostAsync(browser, "/api/companies", new { name = "Tenant" }))["id"]!;

    private static async Task<int> CompaniesAsync(HttpClient browser) =>
        (await browser.GetFromJsonAsync<JsonArray>("/api/companies", Cancellation))!.Count;

    private static async Task<JsonNode> PostAsync(HttpClient browser, string path, object body)
    {
        using var answer = await browser.PostAsJsonAsync(path, body, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }
}
