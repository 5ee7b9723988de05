using System.Net;
using System.Net.Http.Json;
using System.Web;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests;

/// <summary>Auth with a scripted HubSpot behind it, spies in place of the other services, and one saved subscription.</summary>
public sealed class AuthUnderTest : IAsyncDisposable
{
    public const string ServiceKey = "the-key-of-the-services";
    private readonly List<IDisposable> _clients = [];
    private long _revision;

    private AuthUnderTest(ServiceUnderTest service, ScriptedHubSpot hubSpot, TestClock clock) => (Service, HubSpot, Clock) = (service, hubSpot, clock);

    public ServiceUnderTest Service { get; }

    public ScriptedHubSpot HubSpot { get; }

    public TestClock Clock { get; }

    public Guid Subscription { get; private init; } = NewId.NextGuid();

    /// <summary>What the browser carries in which somebody is signed in to the hub's pages.</summary>
    public string SessionSecret { get; } = BrowserSecret.New();

    public static async Task<AuthUnderTest> StartAsync(
        Dictionary<string, string?>? settings = null, int speed = 1, string? folder = null, Guid? subscription = null,
        ScriptedHubSpot? hubSpot = null, TestClock? clock = null)
    {
        (hubSpot, clock) = (hubSpot ?? new ScriptedHubSpot(), clock ?? new TestClock(speed));
        var all = new Dictionary<string, string?>
        {
            ["Egress:ServiceKey"] = ServiceKey,
            ["HubSpotApp:ClientId"] = "the-client",
            ["HubSpotApp:ClientSecret"] = "the-secret-of-the-app",
            ["HubSpotApp:PublicUrl"] = "http://bus.example",
            ["Connecting:StepPauseSeconds"] = "0.01",
        };
        foreach (var (name, value) in settings ?? [])
            all[name] = value;
        var service = await ServiceUnderTest.StartAsync(
            builder =>
            {
                builder.AddAuth();
                builder.Services.AddHttpClient(HubSpotAttempts.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => hubSpot);
            },
            bus =>
            {
                bus.AddAuthConsumers();
                bus.SpyOnFact<ConnectionAuthorised>();
                bus.SpyOnFact<AccountIdentified>();
                bus.SpyOnFact<ConnectionPaused>();
                bus.SpyOnFact<ConnectionResumed>();
                bus.SpyOnFact<SubscriptionConnected>();
                bus.SpyOnFact<ConnectingFailed>();
                bus.SpyOnFact<HubSpotRecordsChanged>();
                bus.SpyOnOrder<PrepareProperties>();
                bus.SpyOnOrder<ResolveCategories>();
                bus.SpyOnOrder<PrepareMappings>();
                bus.SpyOnOrder<AdoptCustomers>();
                bus.SpyOnOrder<AdoptProducts>();
                bus.SpyOnOrder<AdoptTransactions>();
            },
            app => app.MapAuth(), all, clock, folder);
        return new AuthUnderTest(service, hubSpot, clock) { Subscription = subscription ?? NewId.NextGuid() };
    }

    /// <summary>Auth with a saved subscription that is not connected.</summary>
    public static async Task<AuthUnderTest> WithASubscriptionAsync(Dictionary<string, string?>? settings = null, int speed = 1)
    {
        var auth = await StartAsync(settings, speed);
        await auth.SaveAsync();
        return auth;
    }

    /// <summary>Auth with a subscription connected by OAuth.</summary>
    public static async Task<AuthUnderTest> ConnectedAsync(Dictionary<string, string?>? settings = null, int speed = 1)
    {
        var auth = await WithASubscriptionAsync(settings, speed);
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        await auth.NextAsync<PrepareProperties>();
        return auth;
    }

    public async Task SaveAsync(Func<SubscriptionSaved, SubscriptionSaved>? change = null)
    {
        var saved = new SubscriptionSaved
        {
            SubscriptionId = Subscription,
            CompanyId = NewId.NextGuid(),
            Revision = ++_revision,
            Name = "Shop & <Sons>",
            HubKey = "hub-1",
            HubSpotApiVersion = "2026-09",
            ApiUrl = new Uri("https://api.hubapi.com"),
            ThrottleLimit = 500,
            ThrottleSeconds = 60,
            ConcurrentConnections = 10,
            ConcurrentBatchExecutions = 2,
            Transfers = new TransferSettings
            {
                Links = new LinkRules { HubKey = "hub-1" },
                MappingSet = "standard",
                TransactionsBecome = TransactionTarget.Order,
                ProductsAsPrerequisite = true,
            },
        };
        await Service.PublishAsync(change?.Invoke(saved) ?? saved);
        await Service.QuietAsync();
    }

    /// <summary>Answers the step about categories as Mapping would.</summary>
    public async Task ResolveAsync(int attempt)
    {
        await NextAsync<ResolveCategories>();
        await Service.PublishAsync(new CategoriesResolved { SubscriptionId = Subscription, Attempt = attempt, CompanyProperty = "tier", Problem = "no contacts' one" });
    }

    /// <summary>Answers the three adopting steps as the services would.</summary>
    public async Task AdoptAsync(int attempt)
    {
        await NextAsync<AdoptCustomers>();
        await Service.PublishAsync(Adopted(nameof(AdoptCustomers), attempt));
        await NextAsync<AdoptProducts>();
        await Service.PublishAsync(Adopted(nameof(AdoptProducts), attempt));
        await NextAsync<AdoptTransactions>();
        await Service.PublishAsync(Adopted(nameof(AdoptTransactions), attempt));
    }

    public RecordsAdopted Adopted(string step, int attempt) => new() { SubscriptionId = Subscription, Attempt = attempt, Step = step };

    public Task<T> NextAsync<T>()
        where T : class => Service.NextAsync<T>();

    /// <summary>The browser of whoever is signed in to the hub's pages; it does not follow redirects to HubSpot.</summary>
    public HttpClient Browser() => SignedIn(SessionSecret);

    /// <summary>The browser of somebody who is signed in in another session.</summary>
    public HttpClient SignedIn(string session) => Stranger($"{BrowserSecret.SessionCookie(secure: false)}={session}; {BrowserSecret.SessionCookie(secure: true)}={session}");

    /// <summary>A browser in which nobody is signed in, but that may show a cookie.</summary>
    public HttpClient Stranger(string? cookie = null)
    {
        var browser = Keep(new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Service.BaseAddress });
        if (cookie is not null)
            browser.DefaultRequestHeaders.Add("Cookie", cookie);
        return browser;
    }

    /// <summary>A service of this installation: each call shows the key that is for it; none at all without a service key.</summary>
    public HttpClient Inside(string? key = ServiceKey) =>
        Keep(key is null ? Service.CreateClient() : new HttpClient(new ShowServiceKey(key)) { BaseAddress = Service.BaseAddress });

    /// <summary>A link to connect as the hub makes it for whoever is signed in.</summary>
    public string Ticket(long? otherAccount = null, Guid? subscription = null, string serviceKey = ServiceKey) =>
        new ConnectTicket(subscription ?? Subscription, BrowserSecret.Hash(SessionSecret), otherAccount).Sign(serviceKey, Clock.GetUtcNow());

    public static Task<HttpResponseMessage> BeginAsync(HttpClient browser, string? ticket) =>
        browser.GetAsync(new Uri($"/oauth/begin?ticket={ticket}", UriKind.Relative), TestContext.Current.CancellationToken);

    public static async Task<string> StateAsync(HttpClient browser, string ticket)
    {
        using var begun = await BeginAsync(browser, ticket);
        begun.StatusCode.ShouldBe(HttpStatusCode.Found);
        return HttpUtility.ParseQueryString(begun.Headers.Location!.Query)["state"]!;
    }

    public static Task<HttpResponseMessage> CallbackAsync(HttpClient browser, string query) =>
        browser.GetAsync(new Uri($"/oauth/callback?{query}", UriKind.Relative), TestContext.Current.CancellationToken);

    public async Task<HttpResponseMessage> ConnectAsync(HttpClient browser, long? otherAccount = null) =>
        await CallbackAsync(browser, $"code=the-code&state={await StateAsync(browser, Ticket(otherAccount))}");

    public Task<HttpResponseMessage> ConnectWithTokenAsync(string token, long? otherAccount = null) => Inside().PutAsJsonAsync(
        $"/internal/connections/{Subscription}/token", new { token, otherAccount }, TestContext.Current.CancellationToken);

    public async Task DisconnectAsync() => (await Inside().DeleteAsync(
        new Uri($"/internal/connections/{Subscription}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

    public Task<HttpResponseMessage> EgressAsync(HttpMethod method, string path, string? body = null, string? lane = null)
    {
        var request = new HttpRequestMessage(method, $"/egress/{Subscription}/{path}");
        if (body is not null)
            request.Content = new StringContent(body, null, "application/json");
        if (lane is not null)
            request.Headers.Add("X-HubSpotBus-Lane", lane);
        return Inside().SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<ConnectionStatus> StatusAsync() => (await Inside().GetFromJsonAsync<ConnectionStatus>(
        $"/internal/connections/{Subscription}", TestContext.Current.CancellationToken))!;

    public async Task<ConnectionMeter> MeterAsync() => (await Inside().GetFromJsonAsync<ConnectionMeter>(
        $"/internal/connections/{Subscription}/meter", TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Service.NoDeadLettersAsync();
        }
        finally
        {
            _clients.ForEach(c => c.Dispose());
            await Service.DisposeAsync();
        }
    }

    private HttpClient Keep(HttpClient client)
    {
        _clients.Add(client);
        return client;
    }
}
