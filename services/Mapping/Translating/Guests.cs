using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

/// <summary>The guests of a message's transactions: each is one contact, however many transactions it placed.</summary>
internal sealed class Guests(MappingSet set, TransferSettings settings)
{
    // The hub takes no customer whose id begins so.
    private const string Prefix = "guest:";

    private readonly Dictionary<string, MappedCustomer> _all = new(StringComparer.Ordinal);

    public IReadOnlyList<MappedCustomer> All => [.. _all.Values];

    /// <summary>The id under which the guest is ensured; null without guest. What is wrong goes to the problems.</summary>
    public string? IdOf(Snapshot<TransactionRecord> transaction, List<Problem> problems)
    {
        if (References.IdOrNone(transaction.Record.CustomerId) is not null)
            return null;
        if (transaction.Record.Guest is not { Email: { } email } guest || string.IsNullOrWhiteSpace(email))
        {
            if (!settings.TransferWithoutCustomer)
                problems.Add(Problems.Of("customerId", null, "It has neither a customer nor a guest with an e-mail address. Give it one in the hub, "
                    + "or switch on Transfer Without Customer in the subscription's settings."));
            return null;
        }

        if (!settings.GuestsBecomeContacts)
        {
            problems.Add(Problems.Of("guest.email", email, $"It is of a guest, {Problems.Shown(email)}. Make the guest a customer of the hub, "
                + "or switch on Guests Become Contacts in the subscription's settings."));
            return null;
        }

        return Keep(transaction, guest, email, problems);
    }

    // By the rules of customers: a guest that becomes one looks the same.
    private string? Keep(Snapshot<TransactionRecord> transaction, GuestRecord guest, string email, List<Problem> problems)
    {
        var (properties, found) = set.Translate(CollectionKind.Customer, Fields.Customer.Of(new CustomerRecord
        {
            Id = Prefix + email.Trim().ToLowerInvariant(),
            Email = email,
            FirstName = guest.FirstName ?? transaction.Record.BillingAddress?.FirstName,
            LastName = guest.LastName ?? transaction.Record.BillingAddress?.LastName,
            Phone = guest.Phone,
            Address = transaction.Record.BillingAddress,
        }));
        problems.AddRange(found.Select(p => p with { Field = $"guest.{p.Field}", Message = $"Guest: {p.Message}" }));
        if (!properties.TryGetValue("email", out var address))
        {
            if (found.Count == 0)
                problems.Add(Problems.Of("guest.email", email, "The mapping of customers does not fill email, by which a guest is found. Add that rule."));
            return null;
        }

        if (found.Count > 0)
            return null;
        var id = Prefix + address;
        _all.TryAdd(id, new MappedCustomer
        {
            Id = id, Version = transaction.Version, TrackingId = transaction.TrackingId, Properties = properties, IsGuest = true,
        });
        return id;
    }
}
