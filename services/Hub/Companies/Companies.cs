using HubSpotBus.Hub.Access;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Companies;

/// <summary>A tenant: owner of keys, records and subscriptions.</summary>
public sealed class Company
{
    public Guid Id { get; set; }

    public required string Name { get; set; }

    public required string KeyHash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A company as the API shows it; its key is shown once, when it is made.</summary>
public sealed record CompanyView(Guid Id, string Name, DateTimeOffset CreatedAt, string? ApiKey = null);

public sealed record NewCompany
{
    /// <summary>Name, 1 to 200 characters.</summary>
    public string Name { get; init; } = "";
}

internal static class CompaniesEndpoints
{
    private const int MaxName = 200;

    public static void MapCompanies(this RouteGroupBuilder api)
    {
        api.MapPost("/companies", CreateAsync).Accepts<NewCompany>("application/json").Produces<CompanyView>(201).ProducesValidationProblem();
        api.MapGet("/companies", ListAsync).Produces<List<CompanyView>>();
        api.MapGet("/companies/{companyId:guid}", async (Guid companyId, HubDb db, CancellationToken cancellationToken) =>
            Show(await db.Companies.SingleAsync(c => c.Id == companyId, cancellationToken))).Produces<CompanyView>();
    }

    private static async Task<IResult> CreateAsync(HttpContext http, HubDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Caller.Of(http).CompanyId is not null)
            return Refusals.Forbidden();
        var errors = new Errors();
        var wanted = await JsonBody.ReadAsync<NewCompany>(http.Request, errors);
        if (wanted is not null)
            errors.Check(wanted.Name.Trim().Length is >= 1 and <= MaxName, "name", $"1 to {MaxName} characters.");
        if (errors.Any)
            return Refusals.Fields(errors);
        var key = ApiKeys.New();
        var company = new Company { Id = NewId.NextGuid(), Name = wanted!.Name.Trim(), KeyHash = ApiKeys.Hash(key), CreatedAt = time.GetUtcNow() };
        db.Companies.Add(company);
        await db.SaveChangesAsync(cancellationToken);
        return Results.Created($"/api/companies/{company.Id}", Show(company) with { ApiKey = key });
    }

    private static async Task<List<CompanyView>> ListAsync(HttpContext http, HubDb db, CancellationToken cancellationToken)
    {
        var own = Caller.Of(http).CompanyId;
        var companies = await db.Companies.Where(c => own == null || c.Id == own).OrderBy(c => c.CreatedAt).ToListAsync(cancellationToken);
        return [.. companies.Select(Show)];
    }

    private static CompanyView Show(Company company) => new(company.Id, company.Name, company.CreatedAt);
}
