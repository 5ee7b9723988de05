using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.Hub.Access;
using MassTransit;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Records;

/// <summary>A record as the hub has it.</summary>
public sealed record RecordView(string Id, long Version, DateTimeOffset ChangedAt, string TrackingId, JsonNode Record);

/// <summary>What saving one record did.</summary>
public sealed record SavedView(string Id, long Version, bool Changed, string TrackingId);

/// <summary>What an upload did. A refused record, by its line or place from 1, lost nothing else.</summary>
public sealed record UploadView(int Accepted, int Unchanged, int Refused, string TrackingId, IReadOnlyList<RefusedLine> Errors);

/// <summary>A refused record of an upload.</summary>
public sealed record RefusedLine(int Line, string? Id, IReadOnlyDictionary<string, string[]> Errors);

/// <summary>Hub records: one, many, NDJSON; saved by the caller's own ids.</summary>
internal static class RecordEndpoints
{
    private const long MaxUpload = 100 * 1024 * 1024;
    private const int Chunk = 500;
    private const int MaxErrors = 1000;
    private const string TrackingHeader = "X-Tracking-Id";
    private const string Ndjson = "application/x-ndjson";

    public static void MapRecords(this RouteGroupBuilder company)
    {
        var records = company.MapGroup("/records/{type}");
        records.MapPut("/{id}", SaveOneAsync).Produces<SavedView>().ProducesValidationProblem();
        records.MapPost("", UploadAsync).Accepts<JsonArray>("application/json", Ndjson).Produces<UploadView>().ProducesValidationProblem()
            .WithMetadata(new RequestSizeLimitAttribute(MaxUpload));
        records.MapGet("/{id}", ShowAsync).Produces<RecordView>();
        records.MapGet("", ListAsync).Produces<Page<RecordView>>();
    }

    private static async Task<IResult> SaveOneAsync(
        Guid companyId, string type, string id, HttpContext http, RecordSaver saver, CancellationToken cancellationToken)
    {
        if (RecordKind.Of(type) is not { } kind)
            return UnknownType(type);
        var errors = new Errors();
        using var reader = new StreamReader(http.Request.Body);
        var incoming = kind.Read(await reader.ReadToEndAsync(cancellationToken), errors);
        if (incoming is not null)
            errors.Check(incoming.Id == id, "id", $"The id in the path, \"{id}\".");
        if (errors.Any)
            return Refusals.Fields(errors);
        var trackingId = TrackingId(http);
        var saved = (await saver.SaveAsync(companyId, kind, [incoming!], trackingId, bulk: false, cancellationToken))[0];
        if (saved.SkuTakenBy is { } owner)
        {
            errors.Add("sku", SkuTaken(owner));
            return Refusals.Fields(errors);
        }

        return Results.Ok(new SavedView(saved.Id, saved.Version, saved.Changed, trackingId));
    }

    private static async Task<IResult> UploadAsync(Guid companyId, string type, HttpContext http, RecordSaver saver, CancellationToken cancellationToken)
    {
        if (RecordKind.Of(type) is not { } kind)
            return UnknownType(type);
        var trackingId = TrackingId(http);
        var upload = new Upload(saver, companyId, kind, trackingId);
        if (http.Request.ContentType?.StartsWith(Ndjson, StringComparison.OrdinalIgnoreCase) ?? false)
        {
            using var reader = new StreamReader(http.Request.Body);
            for (var line = 1; await reader.ReadLineAsync(cancellationToken) is { } json; line++)
            {
                if (!string.IsNullOrWhiteSpace(json))
                    await upload.AddAsync(line, json, cancellationToken);
            }
        }
        else
        {
            var errors = new Errors();
            if (await JsonBody.ReadAsync<JsonArray>(http.Request, errors) is not { } array)
                return Refusals.Fields(errors);
            foreach (var (node, i) in array.Select((node, i) => (node, i)))
                await upload.AddAsync(i + 1, node?.ToJsonString() ?? "null", cancellationToken);
        }

        return Results.Ok(await upload.EndAsync(cancellationToken));
    }

    private static async Task<IResult> ShowAsync(Guid companyId, string type, string id, HubDb db, CancellationToken cancellationToken)
    {
        if (RecordKind.Of(type) is not { } kind)
            return UnknownType(type);
        var record = await db.Records.SingleOrDefaultAsync(
            r => r.CompanyId == companyId && r.DataType == kind.DataType && r.RecordId == id, cancellationToken);
        return record is null ? Refusals.NotFound() : Results.Ok(Show(record));
    }

    private static async Task<IResult> ListAsync(Guid companyId, string type, HubDb db, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        if (RecordKind.Of(type) is not { } kind)
            return UnknownType(type);
        var errors = new Errors();
        if (Paging.Read(page, pageSize, errors) is not { } p)
            return Refusals.Fields(errors);
        var all = db.Records.Where(r => r.CompanyId == companyId && r.DataType == kind.DataType);
        var items = await all.OrderBy(r => r.RecordId).Skip(p.Skip).Take(p.Size).ToListAsync(cancellationToken);
        return Results.Ok(new Page<RecordView>(items.ConvertAll(Show), p.Number, p.Size, await all.CountAsync(cancellationToken)));
    }

    private static RecordView Show(HubRecord record) =>
        new(record.RecordId, record.RecordVersion, record.ChangedAt, record.TrackingId, JsonNode.Parse(record.Json)!);

    private static IResult UnknownType(string type)
    {
        var errors = new Errors();
        errors.Add("type", $"One of {string.Join(", ", RecordKind.Names)}; not \"{type}\".");
        return Refusals.Fields(errors);
    }

    /// <summary>Given by the caller, or made; told back in the answer.</summary>
    private static string TrackingId(HttpContext http)
    {
        var given = http.Request.Headers[TrackingHeader].ToString();
        var trackingId = given.Length is > 0 and <= 100 && !given.Any(char.IsControl) ? given : NewId.NextGuid().ToString("N");
        http.Response.Headers[TrackingHeader] = trackingId;
        return trackingId;
    }

    private static string SkuTaken(string owner) => $"A SKU of its own: product {owner} has one of these already.";

    /// <summary>Takes an upload record by record and saves it in chunks. Of two records with one id the later wins.</summary>
    private sealed class Upload(RecordSaver saver, Guid companyId, RecordKind kind, string trackingId)
    {
        private readonly Dictionary<string, (int Line, IncomingRecord Record)> _waiting = [];
        private readonly List<RefusedLine> _errors = [];
        private int _accepted;
        private int _unchanged;
        private int _refused;

        public async Task AddAsync(int line, string json, CancellationToken cancellationToken)
        {
            var errors = new Errors();
            if (kind.Read(json, errors) is { } record)
                _waiting[record.Id] = (line, record);
            else
                Refuse(line, IdIn(json), errors);
            if (_waiting.Count >= Chunk)
                await SaveAsync(cancellationToken);
        }

        public async Task<UploadView> EndAsync(CancellationToken cancellationToken)
        {
            await SaveAsync(cancellationToken);
            return new UploadView(_accepted, _unchanged, _refused, trackingId, _errors);
        }

        private async Task SaveAsync(CancellationToken cancellationToken)
        {
            if (_waiting.Count == 0)
                return;
            var records = _waiting.Values.Select(w => w.Record).ToList();
            foreach (var saved in await saver.SaveAsync(companyId, kind, records, trackingId, bulk: true, cancellationToken))
            {
                if (saved.SkuTakenBy is { } owner)
                {
                    var errors = new Errors();
                    errors.Add("sku", SkuTaken(owner));
                    Refuse(_waiting[saved.Id].Line, saved.Id, errors);
                }
                else if (saved.Changed)
                {
                    _accepted++;
                }
                else
                {
                    _unchanged++;
                }
            }

            _waiting.Clear();
        }

        private void Refuse(int line, string? id, Errors errors)
        {
            _refused++;
            if (_errors.Count < MaxErrors)
                _errors.Add(new RefusedLine(line, id, errors.ByField));
        }

        private static string? IdIn(string json)
        {
            try
            {
                return JsonNode.Parse(json) is JsonObject record && record["id"] is JsonValue id ? id.ToString() : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
