using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HubSpotBus.Testing;

namespace HubSpotBus.Soak;

/// <summary>
/// Callers that never have nothing to do, in each lane more than can go: each asks for one call after the other, at any replica that runs, until it
/// is answered. A call writes its number into the caller's own record; every tenth is a search.
/// </summary>
internal sealed class Callers(IReadOnlyList<Lane> lanes, Func<IReadOnlyList<Uri>> replicas, Guid subscription, string serviceKey) : IDisposable
{
    private readonly HttpClient _http = new(new ShowServiceKey(serviceKey)) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<string, string> _written = new();
    private int _asked;
    private int _answered;
    private int _wrong;
    private int _throttled;
    private int _cutOff;
    private int _unanswered;
    private int _turn;

    public int Asked => _asked;

    public int Answered => _answered;

    /// <summary>Answers that were no success, or another call's.</summary>
    public int Wrong => _wrong;

    /// <summary>How often a caller was told to come back later.</summary>
    public int Throttled => _throttled;

    /// <summary>How often a caller lost its replica and went on to another.</summary>
    public int CutOff => _cutOff;

    /// <summary>How often HubSpot may or may not have done it, and it was asked again.</summary>
    public int Unanswered => _unanswered;

    /// <summary>What each record has to hold: its id, and the number of its caller's last call.</summary>
    public IReadOnlyDictionary<string, string> Written => _written;

    /// <summary>Asks until it is ended; comes back when the last answer is there.</summary>
    public Task CallAsync(CancellationToken end, CancellationToken giveUp) => Task.WhenAll(lanes.SelectMany(lane => lane.Records.Select(async record =>
    {
        while (!end.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _asked);
            var answer = await AskAsync(lane, record, number, giveUp);
            Interlocked.Increment(ref _answered);
            var isSearch = number % 10 == 0;
            if (answer is null || (!isSearch && (string?)answer["results"]![0]!["properties"]![lane.Property] != $"{number}"))
                Interlocked.Increment(ref _wrong);
            else if (!isSearch)
                _written[record] = $"{number}";
        }
    })));

    public void Dispose() => _http.Dispose();

    // As the services do it: told to wait, they wait; without an answer they ask another replica.
    private async Task<JsonNode?> AskAsync(Lane lane, string record, int number, CancellationToken giveUp)
    {
        while (true)
        {
            var there = replicas();
            var replica = there[(int)((uint)Interlocked.Increment(ref _turn) % there.Count)];
            try
            {
                using var request = Request(lane, record, number, replica);
                using var answer = await _http.SendAsync(request, giveUp);
                var refusal = answer.Headers.TryGetValues("X-HubSpotBus-Egress", out var said) ? said.First() : null;
                switch (refusal)
                {
                    case "throttled":
                        Interlocked.Increment(ref _throttled);
                        await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value, giveUp);
                        break;
                    case "unanswered":
                        Interlocked.Increment(ref _unanswered);
                        break;
                    default:
                        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>(giveUp) : null;
                }
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref _cutOff);
            }
        }
    }

    private HttpRequestMessage Request(Lane lane, string record, int number, Uri replica)
    {
        var path = $"egress/{subscription}/crm/objects/{lane.Type}";
        var request = number % 10 == 0
            ? new HttpRequestMessage(HttpMethod.Post, new Uri(replica, $"{path}/search")) { Content = JsonContent.Create(new { limit = 1 }) }
            : new HttpRequestMessage(HttpMethod.Post, new Uri(replica, $"{path}/batch/update"))
            {
                Content = JsonContent.Create(new
                {
                    inputs = new[] { new { id = record, properties = new Dictionary<string, string> { [lane.Property] = $"{number}" } } },
                }),
            };
        request.Headers.Add("X-HubSpotBus-Lane", lane.Name);
        return request;
    }
}

/// <summary>A lane; its calls are about a type of their own, so that the simulator counts them apart.</summary>
/// <param name="Name">As the egress takes it.</param>
/// <param name="Share">What it is guaranteed while all lanes wait.</param>
/// <param name="Type">HubSpot's object type.</param>
/// <param name="Property">What the calls write.</param>
/// <param name="Records">One for each caller.</param>
internal sealed record Lane(string Name, double Share, string Type, string Property, IReadOnlyList<string> Records);
