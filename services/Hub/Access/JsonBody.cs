using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace HubSpotBus.Hub.Access;

/// <summary>Reads JSON strictly: an unknown or missing field, or a value of the wrong kind, is named.</summary>
internal static partial class JsonBody
{
    public static JsonSerializerOptions Strict { get; } = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter() },
    };

    public static async Task<T?> ReadAsync<T>(HttpRequest request, Errors errors)
        where T : class
    {
        using var reader = new StreamReader(request.Body);
        return Read<T>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted), errors);
    }

    /// <summary>Null when there is no body.</summary>
    public static async Task<T?> ReadOptionalAsync<T>(HttpRequest request, Errors errors)
        where T : class
    {
        using var reader = new StreamReader(request.Body);
        var json = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        return string.IsNullOrWhiteSpace(json) ? null : Read<T>(json, errors);
    }

    /// <summary>The value, or null with the errors told.</summary>
    public static T? Read<T>(string json, Errors errors)
        where T : class
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(json, Strict);
            if (value is null)
                errors.Add("$", "A JSON object is expected.");
            return value;
        }
        catch (JsonException wrong)
        {
            Explain(wrong, errors);
            return null;
        }
    }

    private static void Explain(JsonException wrong, Errors errors)
    {
        var path = (wrong.Path ?? "$").Replace("$.", "", StringComparison.Ordinal);
        if (MissingProperties().Match(wrong.Message) is { Success: true } missing)
        {
            foreach (var name in QuotedName().Matches(missing.Groups[1].Value).Select(m => m.Groups[1].Value))
                errors.Add(path is "$" ? name : $"{path}.{name}", "This field is required.");
        }
        else if (wrong.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            errors.Add(path, "There is no field of this name; see the OpenAPI page.");
        }
        else if (wrong.Message.Contains("could not be converted", StringComparison.Ordinal))
        {
            errors.Add(path, "The value is of the wrong kind (text, number, true/false, date or list); see the OpenAPI page.");
        }
        else
        {
            errors.Add(path, $"This is not JSON, or not what is expected here (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine}): {wrong.Message.Split(" Path:")[0]}");
        }
    }

    [GeneratedRegex("missing required properties including: (.*)")]
    private static partial Regex MissingProperties();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedName();
}
