using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Customers.Pushing;

/// <summary>Writes companies, then contacts with their company.</summary>
public sealed partial class CustomerWriter(CustomerDb db, LinkedWriter writer, ILogger<CustomerWriter> log)
{
    public async Task<IReadOnlyList<LinkedOutcome>> WriteCompaniesAsync(
        LinkScope scope, IReadOnlyList<MappedCompany> companies, WriteMode mode, CancellationToken cancellationToken)
    {
        var outcomes = await writer.WriteAsync(db, scope, ObjectTypes.Companies,
            [.. companies.Select(c => new LinkedRecord(c.Id, c.Version, c.Properties, []))], mode, cancellationToken);
        foreach (var (company, outcome) in companies.Zip(outcomes))
            Written(log, DataType.Company, company.Id, outcome.Result, outcome.HubSpotId, company.TrackingId);
        return outcomes;
    }

    /// <summary>A contact whose company is not in HubSpot is refused with that reason: it would arrive without its company.</summary>
    public async Task<IReadOnlyList<LinkedOutcome>> WriteContactsAsync(
        LinkScope scope, IReadOnlyList<MappedCustomer> customers, WriteMode mode, CancellationToken cancellationToken)
    {
        var companyIds = await LinkedCompaniesAsync(scope.SubscriptionId, customers.Select(c => c.CompanyId).OfType<string>(), cancellationToken);
        var whole = customers.Where(c => c.CompanyId is null || companyIds.ContainsKey(c.CompanyId)).ToList();
        var written = await writer.WriteAsync(db, scope, ObjectTypes.Contacts,
            [.. whole.Select(c => new LinkedRecord(c.Id, c.Version, c.Properties, Associations(c, companyIds)))], mode, cancellationToken);
        foreach (var (customer, outcome) in whole.Zip(written))
            Written(log, DataType.Customer, customer.Id, outcome.Result, outcome.HubSpotId, customer.TrackingId);
        return [.. written, .. customers.Except(whole).Select(WithoutCompany)];
    }

    private async Task<Dictionary<string, string>> LinkedCompaniesAsync(
        Guid subscriptionId, IEnumerable<string> hubIds, CancellationToken cancellationToken)
    {
        var ids = hubIds.Distinct().ToList();
        return await db.Links
            .Where(l => l.SubscriptionId == subscriptionId && l.ObjectType == ObjectTypes.Companies && l.HubSpotId != null && ids.Contains(l.HubId))
            .ToDictionaryAsync(l => l.HubId, l => l.HubSpotId!, cancellationToken);
    }

    private static List<AssociationTo> Associations(MappedCustomer customer, Dictionary<string, string> companyIds) => customer.CompanyId is { } company
        ? [new AssociationTo(ObjectTypes.Companies, companyIds[company], [AssociationTypes.ContactToPrimaryCompany, AssociationTypes.ContactToCompany])]
        : [];

    private static LinkedOutcome WithoutCompany(MappedCustomer customer) => new(customer.Id, null, LinkedResult.Rejected, new HubSpotProblem
    {
        Kind = ProblemKind.Rejected,
        Message = $"Company {customer.CompanyId} is not in HubSpot. Transfer the company first, then retry.",
        Property = "companyId",
        Value = customer.CompanyId,
    });

    [LoggerMessage(Level = LogLevel.Information, Message = "{DataType} {RecordId}: {Result}, {HubSpotId} in HubSpot, tracking id {TrackingId}")]
    private static partial void Written(ILogger log, DataType dataType, string recordId, LinkedResult result, string? hubSpotId, string trackingId);
}
