using System.Text.Json;
using System.Text.RegularExpressions;

namespace HubSpotBus.HubSpot.Errors;

/// <summary>Reads HubSpot's errors. Every field may be missing, and the same fact stands in different places.</summary>
public static partial class ErrorParser
{
    // A create of a contact names no property: only the e-mail address keeps two apart.
    private const string ContactExists = "Contact already exists";

    /// <summary>Reads an error body, or one entry of a batch answer's errors. Text that is no JSON becomes the message.</summary>
    /// <param name="body">The body; may be empty.</param>
    /// <param name="status">The HTTP status that it came with; 0 for an entry of a 207.</param>
    public static HubSpotProblem Parse(string? body, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(body) ? "{}" : body);
            return Parse(document.RootElement, status);
        }
        catch (JsonException)
        {
            return new HubSpotProblem { Kind = ProblemKind.Rejected, Message = $"HubSpot answered {status}: {body![..Math.Min(body!.Length, 300)]}" };
        }
    }

    /// <summary>Reads an error that is JSON already.</summary>
    public static HubSpotProblem Parse(JsonElement error, int status)
    {
        var message = Text(error, "message") ?? $"HubSpot answered {status} without a reason.";
        var category = Text(error, "category");
        var detail = Detail(error, message);
        var existing = Context(error, "existingId").FirstOrDefault()
            ?? Match(ExistingId().Match(message)) ?? Match(AlreadyHasValue().Match(message));
        var kind = existing is not null || status == 409 || category is "CONFLICT" or "OBJECT_ALREADY_EXISTS" ? ProblemKind.Conflict
            : status == 404 || category == "OBJECT_NOT_FOUND" ? ProblemKind.NotFound
            : Text(error, "subCategory") == "crm.associations.INVALID_OBJECT_IDS" || GoneProduct().IsMatch(message) ? ProblemKind.DeadReference
            : ProblemKind.Rejected;
        var coordinates = Coordinates().Match(message);
        return new HubSpotProblem
        {
            Kind = kind,
            Message = detail?.Message ?? message,
            Category = detail?.Code ?? category,
            Property = detail?.Property ?? Match(coordinates, 1) ?? Context(error, "propertyName").FirstOrDefault() ?? Match(NonUnique().Match(message))
                ?? (message.StartsWith(ContactExists, StringComparison.Ordinal) ? "email" : null),
            Value = detail?.Value ?? Match(coordinates, 2),
            ExistingId = existing,
            CorrelationId = Text(error, "correlationId"),
            TraceIds = [.. Context(error, "objectWriteTraceId")],
            RecordIds = [.. Context(error, "ids"), .. Context(error, "id"), .. CannotSetOn().Matches(message).Select(m => m.Groups[1].Value)],
        };
    }

    /// <summary>The scopes that a 403 asks for, wherever it names them.</summary>
    public static IReadOnlyList<string> RequiredScopes(string? body)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(body) ? "{}" : body);
            var nested = document.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? errors.EnumerateArray().SelectMany(e => Context(e, "requiredGranularScopes")).ToList()
                : [];
            return [.. Context(document.RootElement, "requiredGranularScopes"), .. nested];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // "Property values were not valid: [{...}]" holds what errors[] may lack: name, code and text of each value.
    private static (string Message, string? Code, string? Property, string? Value)? Detail(JsonElement error, string message)
    {
        var start = message.IndexOf("[{", StringComparison.Ordinal);
        if (message.StartsWith("Property values were not valid", StringComparison.Ordinal) && start >= 0)
        {
            try
            {
                using var document = JsonDocument.Parse(message[start..(message.LastIndexOf(']') + 1)]);
                var first = document.RootElement[0];
                var text = Text(first, "message") ?? message;
                var property = Text(first, "name");
                return (text, Text(first, "error"), property, ValueIn(text));
            }
            catch (JsonException)
            {
                return null;
            }
        }

        if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            && errors.GetArrayLength() > 0 && Text(errors[0], "code") is { } code)
        {
            var text = Text(errors[0], "message") ?? message;
            return (text, code, Context(errors[0], "propertyName").FirstOrDefault() ?? Text(errors[0], "in"), ValueIn(text));
        }

        return null;
    }

    private static string? ValueIn(string text) => Match(RefusedOption().Match(text)) ?? Match(RefusedEmail().Match(text));

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static IEnumerable<string> Context(JsonElement error, string name)
    {
        if (error.ValueKind != JsonValueKind.Object || !error.TryGetProperty("context", out var context)
            || context.ValueKind != JsonValueKind.Object || !context.TryGetProperty(name, out var values))
            return [];
        return values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray().Select(v => v.ToString())] : [values.ToString()];
    }

    private static string? Match(Match match, int group = 1) => match.Success ? match.Groups[group].Value : null;

    [GeneratedRegex(@"Existing ID: (\d+)")]
    private static partial Regex ExistingId();

    [GeneratedRegex(@"\. (\d+) already has that value")]
    private static partial Regex AlreadyHasValue();

    [GeneratedRegex(@"propertyName=([^,]+), value=(.*?)\} on")]
    private static partial Regex Coordinates();

    [GeneratedRegex(@"\} on (\d+)\.")]
    private static partial Regex CannotSetOn();

    [GeneratedRegex(@"non-unique \S+ property (\S+)")]
    private static partial Regex NonUnique();

    [GeneratedRegex(@"^(.*) was not one of the allowed options", RegexOptions.Singleline)]
    private static partial Regex RefusedOption();

    [GeneratedRegex(@"^Product with id \d+ does not exist")]
    private static partial Regex GoneProduct();

    [GeneratedRegex(@"^Email address (.*) is invalid")]
    private static partial Regex RefusedEmail();
}
