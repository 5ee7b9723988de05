using System.Text.RegularExpressions;

namespace HubSpotBus.Mappings.Collections;

/// <summary>The field as it is.</summary>
public sealed record FromField(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input) => input.Text(Field);
}

/// <summary>Always the same value.</summary>
public sealed record Constant(string Value) : Rule
{
    public override IEnumerable<string> Reads => [];

    public override Applied Apply(RuleInput input) => Value;
}

/// <summary>The first rule that finds a value, or a problem, decides.</summary>
public sealed record FirstOf(IReadOnlyList<Rule> Rules) : Rule
{
    public override IEnumerable<string> Reads => Rules.SelectMany(r => r.Reads);

    public override Applied Apply(RuleInput input) =>
        Rules.Select(r => r.Apply(input)).FirstOrDefault(a => a.Value is not null || a.Problem is not null);
}

/// <summary>The filled fields, one after the other.</summary>
public sealed record Join(string Separator, IReadOnlyList<string> Fields) : Rule
{
    public override IEnumerable<string> Reads => Fields;

    public override Applied Apply(RuleInput input)
    {
        var parts = Fields.Select(input.Text).Where(text => text is not null).ToList();
        return parts.Count == 0 ? null : string.Join(Separator, parts);
    }
}

/// <summary>The field's value by a table that ignores case; what the table lacks becomes the default.</summary>
public sealed record Lookup(string Field, IReadOnlyDictionary<string, string> Table, string? Default = null) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field)?.Trim() is not { } text)
            return Default;
        return Table.Where(e => e.Key.Equals(text, StringComparison.OrdinalIgnoreCase)).Select(e => e.Value).FirstOrDefault(Default);
    }
}

/// <summary>An amount or a count, to the last digit of the hub: HubSpot's totals equal the hub's to the cent.</summary>
public sealed record NumberOf(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field) is not { } text)
            return null;
        return Format.TryNumber(text, out var number)
            ? Format.Number(number)
            : new Applied(null, Problems.Of(Field, text, $"'{Problems.Shown(text)}' is not a number. Correct {Field} in the hub."));
    }
}

/// <summary>A point in time, in UTC.</summary>
public sealed record DateTimeOf(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field) is not { } text)
            return null;
        return Format.TryTime(text, out var time)
            ? Format.Time(time)
            : new Applied(null, Problems.Of(Field, text, $"'{Problems.Shown(text)}' is not a date. Correct {Field} in the hub."));
    }
}

/// <summary>An e-mail address in lower case, as HubSpot keeps and compares it.</summary>
public sealed partial record EmailOf(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field)?.Trim() is not { } text)
            return null;
        return text.Length <= 254 && Address().IsMatch(text)
            ? text.ToLowerInvariant()
            : new Applied(
                null, Problems.Of(Field, text, $"'{Problems.Shown(text)}' is not an e-mail address. Correct or empty {Field} in the hub."));
    }

    // No dot at either end of the local part, none twice; a domain of at least two labels.
    [GeneratedRegex(
        """^[^\s@.,;:<>()"\[\]\\]+(\.[^\s@.,;:<>()"\[\]\\]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}]$""")]
    private static partial Regex Address();
}

/// <summary>The domain of a web address, without www; nothing where there is none to find.</summary>
public sealed record DomainOf(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field)?.Trim() is not { } text)
            return null;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.HostNameType != UriHostNameType.Dns || uri.UserInfo.Length > 0)
            return null;
        var host = uri.Host.ToLowerInvariant().TrimEnd('.');
        host = host.StartsWith("www.", StringComparison.Ordinal) ? host[4..] : host;
        return host.Contains('.', StringComparison.Ordinal) ? host : null;
    }
}

/// <summary>An ISO 4217 code in capitals.</summary>
public sealed record CurrencyOf(string Field) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Text(Field)?.Trim() is not { } text)
            return null;
        return text.Length == 3 && text.All(char.IsAsciiLetter)
            ? text.ToUpperInvariant()
            : new Applied(null, Problems.Of(
                Field, text,
                $"'{Problems.Shown(text)}' is not a currency code of three letters, such as EUR. Correct {Field} in the hub."));
    }
}
