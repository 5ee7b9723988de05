using System.Globalization;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Which values are the same to a search: numbers, times (also in milliseconds), and the rest as text without case.</summary>
internal static class SearchKey
{
    public static string Of(string value) => Number(value) is { } number ? Of(number) : value.ToLowerInvariant();

    /// <summary>With as many digits as a time has in milliseconds, so that times sort as text.</summary>
    public static string Of(decimal number) => number.ToString("0000000000000.############", CultureInfo.InvariantCulture);

    /// <summary>A time as the simulator writes it; parsing a million of them in general takes too long.</summary>
    private static bool IsStamp(string text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length != 24 || text[10] != 'T' || text[19] != '.' || text[23] != 'Z')
        {
            return false;
        }

        var (year, month, day) = (Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2));
        var (hour, minute, second, fraction) = (Digits(text, 11, 2), Digits(text, 14, 2), Digits(text, 17, 2), Digits(text, 20, 3));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || fraction < 0)
        {
            return false;
        }

        var time = new DateTime(year, month, day, hour, minute, second, fraction, DateTimeKind.Utc);
        milliseconds = (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }

    private static int Digits(string text, int from, int count) =>
        int.TryParse(text.AsSpan(from, count), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    /// <summary>A number, or the milliseconds of a time.</summary>
    public static decimal? Number(string text)
    {
        if (text.Length == 0 || (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.' or ' ')))
        {
            return null;
        }

        if (text.Length >= 10 && text[4] == '-')
        {
            if (IsStamp(text, out var milliseconds))
            {
                return milliseconds;
            }

            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUnixTimeMilliseconds()
                : null;
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
