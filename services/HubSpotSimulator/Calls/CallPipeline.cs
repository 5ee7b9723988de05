using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;

namespace HubSpotBus.HubSpotSimulator.Calls;

/// <summary>What every call goes through: counted, delayed, made to fail on request, authorised, limited, answered.</summary>
internal sealed class CallPipeline(
    SimulatorStore store, CallLog calls, FaultPlan faults, LateCalls late, RateLimits limits, Latency latency, WebhookSender webhooks)
{
    public async Task RunAsync(HttpContext http, CallKind kind, CallHandler handler)
    {
        var name = kind.NameFor(http);
        var call = new ApiCall(http, store);
        using var counted = calls.Begin(name, BearerTokens.AccountOf(call));
        var correlationId = RandomId.Uuid();
        http.Response.Headers["x-hubspot-correlation-id"] = correlationId;
        if (latency.Milliseconds > 0)
        {
            await Task.Delay(latency.Milliseconds, http.RequestAborted);
        }

        // Read before anything is decided: the body of a request must be taken even when the answer is a fault.
        var unreadable = await ReadBodyAsync(http, call);
        if (!kind.NeedsToken)
        {
            counted.IsOf(BearerTokens.AccountOf(call));
        }

        var fault = faults.Take(name, http.Request.Path.Value ?? "");
        if (fault is { IsAfter: false, IsLate: false, DelayMilliseconds: > 0 })
        {
            await Task.Delay(fault.DelayMilliseconds, http.RequestAborted);
        }

        var answer = fault switch
        {
            { IsLate: true } => unreadable ?? PutOff(http, call, kind, handler, fault),
            { IsAfter: false, Status: not null } => fault.Answer(),
            _ => unreadable ?? Handle(http, call, kind, handler),
        };
        if (fault is { IsAfter: true })
        {
            // The client may be gone by now; what was committed stays committed.
            await Task.Delay(fault.DelayMilliseconds, CancellationToken.None);
            answer = fault.Status is null ? answer : fault.Answer();
        }

        counted.Answered(answer.Status, fault?.Id);
        await WriteAsync(http, answer, correlationId);
    }

    private Answer Handle(HttpContext http, ApiCall call, CallKind kind, CallHandler handler) => Handle(call, checkedCall =>
    {
        if (!CallRoutes.IsKnownVersion(http))
        {
            throw Refusal.NotFound();
        }

        if (kind.NeedsToken)
        {
            BearerTokens.Authorise(checkedCall);
            limits.Count(checkedCall, kind.Limit, http.Response.Headers);
        }

        kind.Check?.Invoke(checkedCall);
        return handler(checkedCall);
    });

    private Answer Handle(ApiCall call, CallHandler handler)
    {
        call.HappensNow();
        try
        {
            var answer = handler(call);
            if (call.Happenings.Count > 0)
            {
                webhooks.Tell(call);
            }

            return answer;
        }
        catch (Refusal refusal)
        {
            return new Answer(refusal.Status, refusal.Body) { RetryAfterSeconds = refusal.RetryAfterSeconds };
        }
    }

    /// <summary>Checked now, answered now, done later, whoever listens.</summary>
    private Answer PutOff(HttpContext http, ApiCall call, CallKind kind, CallHandler handler, Fault fault)
    {
        var refused = Handle(http, call, kind, _ => Answer.NoContent());
        if (refused.Status != 204)
        {
            return refused;
        }

        call.Outlive();
        late.After(TimeSpan.FromMilliseconds(fault.DelayMilliseconds), () =>
        {
            // Nobody is there to be told when it is refused.
            Handle(call, handler);
        });
        return fault.Answer();
    }

    /// <summary>What somebody does in HubSpot's own pages: no token, no limits, no faults, and no call to count.</summary>
    public async Task RunByPersonAsync(HttpContext http, long portalId, CallHandler handler)
    {
        var answer = new Answer(404);
        if (store.Find(portalId) is { } portal)
        {
            var call = ApiCall.ByPerson(http, store, portal);
            answer = await ReadBodyAsync(http, call) ?? Handle(call, handler);
        }

        await WriteAsync(http, answer, RandomId.Uuid());
    }

    private static async Task<Answer?> ReadBodyAsync(HttpContext http, ApiCall call)
    {
        if (http.Request.HasFormContentType)
        {
            call.Form = await http.Request.ReadFormAsync(http.RequestAborted);
            return null;
        }

        if (http.Request.ContentLength is null or 0 && !http.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return null;
        }

        using var copy = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 0, 1024 * 1024));
        await http.Request.Body.CopyToAsync(copy, http.RequestAborted);
        if (copy.Length == 0)
        {
            return null;
        }

        try
        {
            call.BodyLength = Encoding.UTF8.GetCharCount(copy.GetBuffer(), 0, (int)copy.Length);
            var node = JsonNode.Parse(copy.GetBuffer().AsSpan(0, (int)copy.Length));
            call.Body = node as JsonObject ?? [];
            call.BodyArray = node as JsonArray;
            return null;
        }
        catch (JsonException problem)
        {
            var place = $"on line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}";
            return new Answer(400, Refusal.Validation($"Invalid input JSON {place}").Body);
        }
    }

    private static async Task WriteAsync(HttpContext http, Answer answer, string correlationId)
    {
        if (answer.Status == 0)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = answer.Status;
        if (answer.Location is not null)
        {
            http.Response.Headers.Location = answer.Location;
        }

        if (answer.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString();
        }

        if (answer.Body is null)
        {
            return;
        }

        if (answer.Body is JsonObject body && body.ContainsKey("correlationId"))
        {
            body["correlationId"] = correlationId;
        }

        // Text that is no JSON comes from a fault: the page of a proxy, say.
        if (answer.Body is JsonValue value && value.TryGetValue<string>(out var text))
        {
            http.Response.ContentType = "text/html;charset=utf-8";
            http.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
            await http.Response.WriteAsync(text, http.RequestAborted);
            return;
        }

        http.Response.ContentType = "application/json;charset=utf-8";
        // Into the connection's own buffers: nothing leaves before the length is known.
        http.Response.ContentLength = Json.Write(http.Response.BodyWriter, answer.Body);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
