using System.Net;
using System.Text;
using System.Web;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Everything that goes over the broker, and everything that the processes say, is searched for the secrets that were used.</summary>
public sealed class SecretsTests(RealServers servers)
{
    [Fact]
    public async Task No_secret_is_in_a_message_on_the_broker_or_in_the_log_of_a_process()
    {
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers);
        await using var firehose = await installation.HearAllMessagesAsync();
        await installation.ConnectAsync();
        var secrets = new Dictionary<string, string>
        {
            ["service key"] = AnInstallationOfProcesses.ServiceKey,
            ["subscription's key"] = ServiceKeys.Of(AnInstallationOfProcesses.ServiceKey, installation.SubscriptionId),
            ["administrator's key"] = AnInstallation.AdminKey,
            ["client secret"] = "hubspotbus-demo-secret",
            ["password of broker and database"] = RealServers.Password,
        };
        await AddTokensAsync(installation, "first", secrets);
        await ApproveAgainAsync(installation, secrets);
        await AddTokensAsync(installation, "second", secrets);
        await AnInstallation.UploadAsync(installation.Api, installation.Company, NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data")).ToDemo());
        await installation.SettledAsync();
        await installation.ExpireTokensAsync();
        await installation.Api.PutAsync($"{installation.Company}/records/products/P-last", Shop.Product("P-last", "SKU-last"));
        await installation.SettledAsync();
        await ServiceUnderTest.UntilAsync(
            async () => (await installation.TokensAsync()).Access != secrets["second access token"], "the tokens are refreshed", TimeSpan.FromMinutes(3));
        await AddTokensAsync(installation, "refreshed", secrets);
        secrets.Where(s => s.Key.EndsWith("access token", StringComparison.Ordinal)).Select(s => s.Value).Distinct().Count().ShouldBe(3);

        var messages = firehose.Heard;
        messages.Count.ShouldBeGreaterThan(100);
        foreach (var kind in new[] { nameof(ConnectionAuthorised), nameof(SubscriptionConnected), "TransferTransactions", "TransactionsTransferred" })
            messages.ShouldContain(m => m.Contains(kind, StringComparison.Ordinal), kind);
        secrets.Values.ShouldAllBe(secret => secret.Length >= 16);
        TestContext.Current.TestOutputHelper!.WriteLine($"{messages.Count} messages; {string.Join(", ", secrets.Keys)}");
        var logs = Directory.GetFiles(installation.Folder, "*.log").ToDictionary(f => f, File.ReadAllText);
        logs.Count.ShouldBe(AnInstallationOfProcesses.Services.Count);
        foreach (var (name, secret) in secrets)
        {
            foreach (var spelling in Spellings(secret))
            {
                messages.ShouldNotContain(m => m.Contains(spelling, StringComparison.Ordinal), $"{name} is in a message");
                logs.Where(l => l.Value.Contains(spelling, StringComparison.Ordinal)).Select(l => l.Key).ShouldBeEmpty($"{name} is in a log");
            }
        }

        // What a crash would leave: no file with all that the process knows.
        foreach (var service in AnInstallationOfProcesses.Services)
            (await ProcessLimits.CoreFilesAsync(installation.Replicas(service)[0].ProcessId)).ShouldBe(["0", "0"], service);
    }

    // Code, state and ticket stand in the addresses that the browser is sent to.
    private static async Task ApproveAgainAsync(AnInstallationOfProcesses installation, Dictionary<string, string> secrets)
    {
        var hub = new Uri($"http://127.0.0.1:{installation.Replicas(AnInstallationOfProcesses.Hub)[0].Port}");
        using var browser = await ASignedInBrowser.OpenAsync(hub, AnInstallation.AdminKey);
        var callback = HttpUtility.ParseQueryString((await browser.ConnectAsync(installation.Subscription, NorthwindFiles.HubSpotAccountId)).Query);
        (secrets["code"], secrets["state"], secrets["session"]) = (callback["code"]!, callback["state"]!, browser.SessionSecret);

        // In the same session, step by step.
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        http.DefaultRequestHeaders.Add("Cookie", $"{BrowserSecret.SessionCookie(secure: false)}={browser.SessionSecret}");
        using var pressed = await http.PostAsync(new Uri(hub, $"/subscriptions/{installation.SubscriptionId}/connect"), null);
        secrets["ticket"] = HttpUtility.ParseQueryString(pressed.Headers.Location!.Query)["ticket"]!;
        using var begun = await http.GetAsync(pressed.Headers.Location);
        secrets["state of what was not approved"] = HttpUtility.ParseQueryString(begun.Headers.Location!.Query)["state"]!;
    }

    private static async Task AddTokensAsync(AnInstallationOfProcesses installation, string which, Dictionary<string, string> secrets) =>
        (secrets[$"{which} access token"], secrets[$"{which} refresh token"]) = await installation.TokensAsync();

    private static IEnumerable<string> Spellings(string secret) => new[]
    {
        secret, Uri.EscapeDataString(secret), WebUtility.UrlEncode(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
    }.Distinct();
}
