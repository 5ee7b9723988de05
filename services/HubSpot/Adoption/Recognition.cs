using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>
/// By what a hub record is recognised among those that HubSpot has: a company by domain, then name; a contact by e-mail, then name within
/// its company; a product by SKU. Spelled differently in case, accents or blanks is the same. Orders and deals by our key only. Pure.
/// </summary>
public static class Recognition
{
    private static readonly FrozenDictionary<char, string> Plain = LatinLetters();

    private const string AdditionalEmails = "hs_additional_emails";

    /// <summary>The properties that a listing has to ask for, our key property aside.</summary>
    public static IReadOnlyList<string> PropertiesOf(string objectType) => objectType switch
    {
        ObjectTypes.Companies => ["domain", "name", "city"],
        ObjectTypes.Contacts => ["email", AdditionalEmails, "firstname", "lastname"],
        ObjectTypes.Products => ["hs_sku", "name"],
        _ => [],
    };

    /// <summary>The values under which a record of HubSpot is known.</summary>
    /// <param name="objectType">HubSpot object type.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="companyIds">HubSpot ids of a contact's companies.</param>
    public static IEnumerable<string> Known(string objectType, IReadOnlyDictionary<string, string?> properties, IEnumerable<string> companyIds)
    {
        var names = NamesIn(objectType, properties, companyIds);
        var emails = EmailsOf(objectType, properties);
        return [.. Strong(objectType, properties), .. emails, .. names.Select(n => $"name:{n}"), .. emails.Count == 0 ? names.Select(n => $"only-name:{n}") : []];
    }

    /// <summary>
    /// The values to look a hub record up by, the strongest first; a weaker one counts only where no stronger one finds any. Two contacts
    /// with different e-mail addresses are two, whatever their names.
    /// </summary>
    /// <param name="objectType">HubSpot object type.</param>
    /// <param name="properties">Its properties, in HubSpot's names.</param>
    /// <param name="companyIds">HubSpot ids of a contact's companies.</param>
    public static IEnumerable<string> Wanted(string objectType, IReadOnlyDictionary<string, string?> properties, IEnumerable<string> companyIds)
    {
        var emails = EmailsOf(objectType, properties);
        return [.. Strong(objectType, properties), .. emails, .. NamesIn(objectType, properties, companyIds).Select(n => emails.Count == 0 ? $"name:{n}" : $"only-name:{n}")];
    }

    /// <summary>The value of a record that carries our key.</summary>
    public static string KeyValue(string key) => $"key:{key}";

    /// <summary>What people call the record.</summary>
    public static string LabelOf(IReadOnlyDictionary<string, string?> properties) => string.Join(' ',
        ((string[])["name", "firstname", "lastname", "email", "hs_sku", "city"]).Select(p => properties.GetValueOrDefault(p)).Where(v => !string.IsNullOrWhiteSpace(v)));

    private static IEnumerable<string> Strong(string objectType, IReadOnlyDictionary<string, string?> properties) => objectType switch
    {
        ObjectTypes.Companies => Values("domain", properties.GetValueOrDefault("domain")),
        ObjectTypes.Products => Values("sku", properties.GetValueOrDefault("hs_sku")),
        _ => [],
    };

    private static List<string> EmailsOf(string objectType, IReadOnlyDictionary<string, string?> properties) => objectType != ObjectTypes.Contacts ? [] :
        [.. $"{properties.GetValueOrDefault("email")};{properties.GetValueOrDefault(AdditionalEmails)}".Split(';').SelectMany(email => Values("email", email))];

    private static List<string> NamesIn(string objectType, IReadOnlyDictionary<string, string?> properties, IEnumerable<string> companyIds) => objectType switch
    {
        ObjectTypes.Companies when Fold(properties.GetValueOrDefault("name") ?? "") is { Length: > 0 } name => [name],
        ObjectTypes.Contacts when Fold(properties.GetValueOrDefault("lastname") ?? "") is { Length: > 0 } lastName =>
            [.. companyIds.Select(company => $"{Fold(properties.GetValueOrDefault("firstname") ?? "")} {lastName}@{company}")],
        _ => [],
    };

    private static IEnumerable<string> Values(string kind, string? value) => Fold(value ?? "") is { Length: > 0 } folded ? [$"{kind}:{folded}"] : [];

    /// <summary>Lower case, without accents, every run of anything but letters and digits a blank ('.', '@' and '-' stay).</summary>
    internal static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.ToLowerInvariant())
        {
            if (Plain.TryGetValue(c, out var plain))
                folded.Append(plain);
            else if (char.IsLetterOrDigit(c) || c is '.' or '@' or '-')
                folded.Append(c);
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && folded.Length > 0 && folded[^1] != ' ')
                folded.Append(' ');
        }

        return folded.ToString().Trim();
    }

    // By hand: without the operating system's culture data .NET takes no letter apart.
    private static FrozenDictionary<char, string> LatinLetters() => ((string[])
        [
            "a àáâãäåāăą", "ae æ", "c çćĉċč", "d ďđð", "e èéêëēĕėęě", "g ĝğġģ", "h ĥħ", "i ìíîïĩīĭįı", "j ĵ", "k ķ", "l ĺļľŀł", "n ñńņňŉ",
            "o òóôõöøōŏő", "oe œ", "r ŕŗř", "s śŝşšș", "ss ß", "t ţťŧț", "th þ", "u ùúûüũūŭůűų", "w ŵ", "y ýÿŷ", "z źżž",
        ])
        .Select(line => line.Split(' ')).SelectMany(pair => pair[1].Select(letter => (letter, plain: pair[0])))
        .ToFrozenDictionary(l => l.letter, l => l.plain);
}
