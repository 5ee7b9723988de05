namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Takes the store's state and puts it back.</summary>
internal static class StateOfStore
{
    public static State Take(SimulatorStore store)
    {
        var (grants, accessTokens) = store.Grants.All();
        return new()
        {
            // Read last of all: an id given out meanwhile must not be given out again.
            Portals = [.. store.Portals.Select(Take)],
            Grants = grants,
            AccessTokens = [.. accessTokens.Select(t => new AccessTokenState(t.Token, t.Grant, t.ExpiresAt))],
            LastId = store.LastId,
        };
    }

    /// <summary>Portals that are not in the options any more are left out.</summary>
    public static void PutBack(SimulatorStore store, State state)
    {
        foreach (var saved in state.Portals)
        {
            if (store.Find(saved.Id) is { } portal)
            {
                PutBack(portal, saved);
            }
        }

        store.Grants.Restore(state.Grants, state.AccessTokens.Select(t => new AccessToken(t.Token, t.Grant, t.ExpiresAt)));
        store.LastId = state.LastId;
    }

    private static PortalState Take(Portal portal)
    {
        lock (portal.Gate)
        {
            return new()
            {
                Id = portal.Id,
                CreatedAt = portal.CreatedAt,
                Types = [.. ObjectType.All.Select(type => new TypeState
                {
                    Type = type.Plural,
                    Records = [.. portal.Table(type).Live],
                    Archived = [.. portal.Table(type).Archived],
                    MergedInto = new Dictionary<long, long>(portal.Table(type).MergedInto),
                    Properties = [.. portal.Properties(type).All],
                    Groups = [.. portal.Properties(type).Groups],
                    Pipelines = [.. portal.Pipelines(type)],
                })],
                Labels = [.. portal.Associations.Types.Labels
                    .Select(l => new LabelState(l.From.Plural, l.To.Plural, l.Id, l.InverseId, l.Label!))],
                Blocklist = [.. portal.Blocklist],
                Associations = [.. portal.Associations.All
                    .Select(t => new AssociationState(t.From.Plural, t.Id, t.To.Plural, t.ToId.ToString(), [.. t.Types]))],
                Buried = [.. portal.Associations.Buried.SelectMany(b => b.Ties
                    .Select(t => new AssociationState(b.Type.Plural, b.Id, t.Type.To.Plural, t.ToId, [t.Type.Id])))],
            };
        }
    }

    private static void PutBack(Portal portal, PortalState saved)
    {
        lock (portal.Gate)
        {
            portal.CreatedAt = saved.CreatedAt;
            portal.Blocklist.UnionWith(saved.Blocklist);
            foreach (var state in saved.Types)
            {
                PutBack(portal, ObjectType.Find(state.Type)!, state);
            }

            foreach (var label in saved.Labels)
            {
                var (from, to) = (ObjectType.Find(label.From)!, ObjectType.Find(label.To)!);
                portal.Associations.Types.PutLabel(new(from, to, label.Id, label.InverseId, label.Label) { IsOwn = true });
            }

            foreach (var tie in saved.Associations)
            {
                foreach (var type in tie.Types.Select(portal.Associations.Types.Find).OfType<AssociationType>())
                {
                    portal.Associations.Add(tie.FromId, tie.ToId, type);
                }
            }

            foreach (var record in saved.Buried.GroupBy(t => (t.From, t.FromId)))
            {
                portal.Associations.Bury(
                    ObjectType.Find(record.Key.From)!,
                    record.Key.FromId,
                    record.Select(t => (portal.Associations.Types.Find(t.Types[0])!, t.ToId)));
            }
        }
    }

    private static void PutBack(Portal portal, ObjectType type, TypeState state)
    {
        var registry = portal.Properties(type);
        registry.Groups.Clear();
        registry.Groups.AddRange(state.Groups);
        foreach (var property in state.Properties)
        {
            registry.Put(property);
            if (property is { HasUniqueValue: true, ArchivedAt: null })
            {
                portal.Table(type).AddKey(property.Name);
            }
        }

        portal.Pipelines(type).Clear();
        portal.Pipelines(type).AddRange(state.Pipelines);
        foreach (var (oldId, survivorId) in state.MergedInto)
        {
            portal.Table(type).LeadTo(oldId, survivorId);
        }

        portal.Table(type).BuryAgain(state.Archived, portal.Switches.ArchivedKeepUniqueValues);
        portal.Table(type).Load(state.Records);
    }
}
