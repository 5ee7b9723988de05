using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Transactions.Transferring;

/// <summary>Decides what became of each transaction. Pure.</summary>
public static class Outcomes
{
    /// <summary>Parks the transactions whose customer, company or product is not in HubSpot, so that no half of them is written.</summary>
    public static void ParkWhatLacksAReference(BatchWork work)
    {
        foreach (var transaction in work.Writable().ToList())
        {
            var problems = Lacking(work, transaction).ToList();
            if (problems.Count > 0)
                work.Park(transaction.Id, problems);
        }
    }

    /// <summary>One outcome for each transaction asked for; those without a verdict are postponed for the given reason.</summary>
    public static IReadOnlyList<TransferOutcome> Of(BatchWork work, string? postponedBecause = null) =>
        [.. work.Requested.Select(requested => Of(work, requested, postponedBecause))];

    private static TransferOutcome Of(BatchWork work, RequestedTransaction requested, string? postponedBecause)
    {
        var hubSpotId = work.HubSpotIds.GetValueOrDefault(requested.Id);
        var (result, problems) = work.Problems.TryGetValue(requested.Id, out var own)
            ? (own.TrueForAll(p => p.Passing) ? TransferResult.Postponed : TransferResult.Parked, own)
            : postponedBecause is not null ? (TransferResult.Postponed, [new Problem { Message = postponedBecause }])
            : (work.Written.Contains(requested.Id) ? TransferResult.Transferred : TransferResult.Unchanged, new List<Problem>());
        return new TransferOutcome
        {
            DataType = DataType.Transaction,
            Id = requested.Id,
            Result = result,
            HubSpotId = hubSpotId,
            Problems = problems,
        };
    }

    private static IEnumerable<Problem> Lacking(BatchWork work, MappedTransaction transaction)
    {
        if (transaction.CustomerId is { } customer && !work.CustomerIds.ContainsKey(customer))
            foreach (var problem in Why(work, DataType.Customer, customer, "customerId"))
                yield return problem;
        if (transaction.CompanyId is { } company && !work.CompanyIds.ContainsKey(company))
            foreach (var problem in Why(work, DataType.Company, company, "companyId"))
                yield return problem;
        foreach (var sku in transaction.Lines.Select(l => l.Sku).Distinct().Where(sku => !work.ProductIds.ContainsKey(sku)))
            foreach (var problem in work.ReferenceProblems.GetValueOrDefault(SkuKey(sku)) ?? [NoProduct(sku)])
                yield return problem;
    }

    private static IEnumerable<Problem> Why(BatchWork work, DataType type, string id, string field) =>
        (work.ReferenceProblems.GetValueOrDefault(Key(type, id)) ?? [])
            .Select(p => p with { Message = $"{type} {id} is not in HubSpot: {p.Message}" })
            .DefaultIfEmpty(new Problem
            {
                Message = $"{type} {id} is not in HubSpot and the hub does not have it. Send it to the hub, then retry.",
                Field = field,
                Value = id,
            });

    private static Problem NoProduct(string sku) => new()
    {
        Message = $"SKU {sku} has no product in HubSpot. Send the product to the hub, then retry.",
        Field = "sku",
        Value = sku,
    };

    public static string Key(DataType type, string id) => $"{type}/{id}";

    public static string SkuKey(string sku) => $"Sku/{sku}";
}
