using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using HubSpotBus.HubSpotSimulator;

// dotnet run -c Release --project tests/HubSpotSimulator.Bench [records] [seconds per measurement] [file of the state, if one is kept]
// make bench-simulator. Exits 1 when it answers anything less often than 2,000 times a second, which is more than any benchmark asks for.
// Client and simulator share the process, its cores and its memory: what is printed is what both need together.
var records = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
var length = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10);
const int Connections = 32;
const int Batch = 100;
const double Needed = 2_000;

var options = new SimulatorOptions
{
    EnforceLimits = false,
    SearchIndexDelay = TimeSpan.Zero,
    DataFile = args.Length > 2 ? args[2] : null,
};
var simulator = await SimulatorHost.StartAsync(options);
using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections })
{
    BaseAddress = simulator.BaseAddress,
    DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", options.StaticToken) },
};

var next = 0;
var before = GC.GetTotalMemory(forceFullCollection: true);
var clock = Stopwatch.StartNew();
await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
{
    while (Interlocked.Add(ref next, Batch) is var end && end <= records)
    {
        await CreateAsync(end);
    }
}));
Console.WriteLine($"{records} contacts created in batches of {Batch}: {records / clock.Elapsed.TotalSeconds:N0} records/s");
var after = GC.GetTotalMemory(forceFullCollection: true);
Console.WriteLine($"memory: {(after - before) / 1048576.0:N0} MiB for them ({(after - before) / Math.Max(1, records):N0} bytes each), "
    + $"working set {Environment.WorkingSet / 1048576.0:N0} MiB");

var ids = simulator.Store.Portal(12345678).Records("contacts").Select(r => r.Id).ToArray();
var turn = 0;
string AnyId() => ids[(int)((uint)Interlocked.Increment(ref turn) * 7919L % ids.Length)];

await MeasureAsync("get one", () => GetAsync($"/crm/objects/2026-09/contacts/{AnyId()}?properties=email,firstname,lastname,phone,city"));
await MeasureAsync("get one by e-mail", () => GetAsync($"/crm/objects/2026-09/contacts/{Email(AnyNumber())}?idProperty=email"));
var reads = Prepared(_ =>
    $$"""{"properties":["email","firstname","lastname","phone","city"],"inputs":[{{Inputs(() => $$"""{"id":"{{AnyId()}}"}""")}}]}""");
await MeasureAsync($"batch read of {Batch}", () => SendAsync("/crm/objects/2026-09/contacts/batch/read", OneOf(reads)));
var updates = Prepared(n =>
{
    var place = n * Batch;
    return $$$"""{"inputs":[{{{Inputs(() => $$$"""{"id":"{{{ids[place++]}}}","properties":{"city":"Bern"}}""")}}}]}""";
});
await MeasureAsync($"batch update of {Batch}", () => SendAsync("/crm/objects/2026-09/contacts/batch/update", OneOf(updates)));
await MeasureAsync("list page of 100 in the middle", () => GetAsync($"/crm/objects/2026-09/contacts?limit=100&after={AnyId()}"));
await MeasureAsync("search by e-mail", () => SearchAsync("email", "EQ", Email(AnyNumber())));
await MeasureAsync("search by last name", () => SearchAsync("lastname", "EQ", $"Name{AnyNumber()}"));
await MeasureAsync("search changed since", () => SearchAsync("lastmodifieddate", "GTE", "2100-01-01T00:00:00Z"));
await MeasureAsync("search that finds all records, sorted by change", () => PostAsync(
    "/crm/objects/2026-09/contacts/search",
    """
    {"filters":[{"propertyName":"lastmodifieddate","operator":"GTE","value":"0"}],
     "sorts":[{"propertyName":"lastmodifieddate","direction":"ASCENDING"}],"limit":200}
    """));

clock.Restart();
await simulator.DisposeAsync();
if (options.DataFile is { } file)
{
    Console.WriteLine($"state saved and stopped: {clock.Elapsed.TotalSeconds:N1} s, {new FileInfo(file).Length / 1048576.0:N0} MiB");
}

int AnyNumber() => (int)((uint)Interlocked.Increment(ref turn) * 7919L % records);

static string Email(int n) => $"person{n}@example{n % 1000}.com";

// Large bodies are made before the measuring, one for every hundred records.
byte[][] Prepared(Func<int, string> body) =>
    [.. Enumerable.Range(0, ids.Length / Batch).Select(n => Encoding.UTF8.GetBytes(body(n)))];

byte[] OneOf(byte[][] bodies) => bodies[(int)((uint)Interlocked.Increment(ref turn) % bodies.Length)];

static string Inputs(Func<string> one) => string.Join(',', Enumerable.Range(0, Batch).Select(_ => one()));

Task SearchAsync(string property, string op, string value) => PostAsync(
    "/crm/objects/2026-09/contacts/search",
    $$$"""
    {"filterGroups":[{"filters":[{"propertyName":"{{{property}}}","operator":"{{{op}}}","value":"{{{value}}}"}]}],"properties":["email"]}
    """);

async Task CreateAsync(int end)
{
    var n = end - Batch;
    await PostAsync("/crm/objects/2026-09/contacts/batch/create", $$$"""{"inputs":[{{{Inputs(() => Contact(n++))}}}]}""");
}

static string Contact(int n) => $$$"""
    {"properties":{"email":"{{{Email(n)}}}","firstname":"First{{{n % 5000}}}","lastname":"Name{{{n}}}","phone":"+41 31 {{{n}}}",
     "city":"City {{{n % 3000}}}","country":"Switzerland"}}
    """;

async Task GetAsync(string path)
{
    using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
    await TakeAsync(response);
}

Task PostAsync(string path, string body) => SendAsync(path, Encoding.UTF8.GetBytes(body));

async Task SendAsync(string path, byte[] body)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };
    using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    await TakeAsync(response);
}

static async Task TakeAsync(HttpResponseMessage response)
{
    if (!response.IsSuccessStatusCode)
    {
        throw new InvalidOperationException($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    await response.Content.CopyToAsync(Stream.Null);
}

async Task MeasureAsync(string what, Func<Task> one)
{
    var warmUp = Stopwatch.StartNew();
    await ManyAsync(() => warmUp.Elapsed < length / 5, one);
    var done = 0;
    var watch = Stopwatch.StartNew();
    await ManyAsync(() => watch.Elapsed < length, async () =>
    {
        await one();
        Interlocked.Increment(ref done);
    });
    var perSecond = done / watch.Elapsed.TotalSeconds;
    Console.WriteLine($"{what}: {perSecond:N0} requests/s{(perSecond < Needed ? $", LESS THAN {Needed:N0}" : "")}");
    Environment.ExitCode = perSecond < Needed ? 1 : Environment.ExitCode;
}

static Task ManyAsync(Func<bool> goOn, Func<Task> one) => Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
{
    while (goOn())
    {
        await one();
    }
}));
