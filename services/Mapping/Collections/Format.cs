using System.Globalization;

namespace HubSpotBus.Mappings.Collections;

/// <summary>How values are written to HubSpot: the same value always gives the same text.</summary>
public static class Format
{
    /// <summary>Exact, without trailing zeros, never in scientific notation.</summary>
    public static string Number(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    /// <summary>ISO 8601 in UTC with milliseconds, as HubSpot answers it.</summary>
    public static string Time(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(
            text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    public static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
