using System.Globalization;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Which values are the same to a search: numbers as numbers, times as times (or milliseconds), the rest as text without case.</summary>
internal static class SearchKey
{
    public static string Of(string value) => Number(value) is { } number ? Of(number) : value.ToLowerInvariant();

    /// <summary>With as many digits as a time has in milliseconds, so that times sort as text.</summary>
    public static string Of(decimal number) => number.ToString("0000000000000.############", CultureInfo.InvariantCulture);

    /// <summary>A number, or the milliseconds of a time.</summary>
    public static decimal? Number(string text)
    {
        if (text.Length == 0 || (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.' or ' ')))
        {
            return null;
        }

        if (text.Length >= 10 && text[4] == '-')
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUnixTimeMilliseconds()
                : null;
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
