using System.Net;
using System.Text;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>Plain pages: no scripts, nothing from elsewhere, everything that comes from a record or a call encoded.</summary>
internal static class Page
{
    private const string Style = """
        body{font:16px system-ui;max-width:75rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #ccc;text-align:left}
        .n{text-align:right;font-variant-numeric:tabular-nums}
        """;

    public static IResult Of(string title, string body, int status = 200) => Results.Content(
        $$"""
          <!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{Encode(title)}}</title><style>{{Style}}</style></head>
          <body><main><h1>{{Encode(title)}}</h1>{{body}}</main></body></html>
          """,
        "text/html; charset=utf-8",
        Encoding.UTF8,
        status);

    public static IResult NotFound() => Of("Not here", "<p>There is no such page. <a href='/'>All accounts</a></p>", 404);

    public static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>Cells are HTML already; the first of each row is its head.</summary>
    public static string Table(IEnumerable<string> heads, IEnumerable<string[]> rows) =>
        $"<table><thead><tr>{string.Concat(heads.Select(h => $"<th scope='col'>{Encode(h)}</th>"))}</tr></thead><tbody>"
        + string.Concat(rows.Select(r => $"<tr><th scope='row'>{r[0]}</th>{string.Concat(r.Skip(1))}</tr>")) + "</tbody></table>";

    public static string Cell(string? text) => $"<td>{Encode(text)}</td>";

    public static string Cell(long number) => $"<td class='n'>{number}</td>";
}
