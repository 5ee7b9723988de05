using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>The records of an account to look through, and one record with all it has.</summary>
internal static class RecordPages
{
    private const int PageSize = 50;

    public static void MapRecordPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/accounts/{portalId:long}/{type}", List);
        routes.MapGet("/accounts/{portalId:long}/{type}/{id}", One);
    }

    private static IResult List(long portalId, string type, SimulatorStore store, long after = 0, bool archived = false)
    {
        if (store.Find(portalId) is not { } portal || ObjectType.Find(type) is not { } known)
        {
            return Page.NotFound();
        }

        List<CrmRecord> records;
        lock (portal.Gate)
        {
            records = [.. portal.Table(known).Page(after, archived).Take(PageSize + 1)];
        }

        var names = known.DefaultProperties.Where(p => p != "hs_object_id").ToList();
        var rows = records.Take(PageSize)
            .Select(r => (string[])[Link(portal, known, r.Id), .. names.Select(n => Page.Cell(r[n]))]);
        var path = $"/accounts/{portal.Id}/{known.Plural}";
        var next = records.Count > PageSize
            ? $"<p><a href='{path}?after={records[PageSize].Id}&amp;archived={archived}'>More</a></p>"
            : "";
        var other = archived ? $"<a href='{path}'>Live records</a>" : $"<a href='{path}?archived=true'>Recycle bin</a>";
        return Page.Of(
            $"{known.Plural.Replace('_', ' ')} of {portal.Name}{(archived ? " in the recycle bin" : "")}",
            $"<p><a href='/'>All accounts</a> · {other}</p>{Page.Table(["Id", .. names], rows)}{next}");
    }

    private static IResult One(long portalId, string type, string id, SimulatorStore store)
    {
        if (store.Find(portalId) is not { } portal || ObjectType.Find(type) is not { } known)
        {
            return Page.NotFound();
        }

        lock (portal.Gate)
        {
            var table = portal.Table(known);
            if ((table.FindOrSurvivor(id) ?? table.FindArchived(id)) is not { } record)
            {
                return Page.NotFound();
            }

            var properties = record.Properties.OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => (string[])[Page.Encode(p.Key), Page.Cell(p.Value)]);
            var ties = ObjectType.All.SelectMany(other => portal.Associations.Of(known, record.Id, other).Select(t => (string[])
                [Page.Encode(other.Singular), $"<td>{Link(portal, other, t.Key.ToString())}</td>", Page.Cell(Types(portal, t.Value))]));
            return Page.Of(
                $"{known.Singular.Replace('_', ' ')} {record.Id}",
                $"""
                 <p><a href='/'>All accounts</a> · <a href='/accounts/{portal.Id}/{known.Plural}'>{known.Plural.Replace('_', ' ')}</a></p>
                 {(record.ArchivedAt is { } at ? $"<p>In the recycle bin since {at:u}.</p>" : "")}
                 <h2>Properties</h2>{Page.Table(["Property", "Value"], properties)}
                 <h2>Associations</h2>{Page.Table(["Type", "Record", "As"], ties)}
                 """);
        }
    }

    private static string Types(Portal portal, IEnumerable<int> ids) =>
        string.Join(", ", ids.Select(id => portal.Associations.Types.Find(id)?.Label is { } label ? $"{label} ({id})" : $"{id}"));

    private static string Link(Portal portal, ObjectType type, string id) =>
        $"<a href='/accounts/{portal.Id}/{type.Plural}/{id}'>{id}</a>";
}
