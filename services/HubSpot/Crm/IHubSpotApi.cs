using Refit;

namespace HubSpotBus.HubSpot.Crm;

/// <summary>HubSpot's CRM API as the egress offers it: the subscription in front, no API version, no token.</summary>
public interface IHubSpotApi
{
    /// <summary>A batch call on records: create, update, upsert or read.</summary>
    [Post("/egress/{subscriptionId}/crm/objects/{objectType}/batch/{operation}")]
    Task<IApiResponse<BatchAnswer>> BatchAsync(
        Guid subscriptionId, string objectType, string operation, [Body] BatchRequest request, CancellationToken cancellationToken);

    /// <summary>A page of an object type's records, at most 100, by growing id.</summary>
    [Get("/egress/{subscriptionId}/crm/objects/{objectType}")]
    Task<IApiResponse<Listing<CrmRecord>>> ListAsync(
        Guid subscriptionId, string objectType, int limit, string? after, string properties, string? associations, CancellationToken cancellationToken);

    /// <summary>One record; asked for by the id of one that was merged away, HubSpot answers with the survivor.</summary>
    [Get("/egress/{subscriptionId}/crm/objects/{objectType}/{id}")]
    Task<IApiResponse<CrmRecord>> ReadAsync(Guid subscriptionId, string objectType, string id, string properties, CancellationToken cancellationToken);

    /// <summary>Finds records by what their properties hold, from an index that is seconds behind.</summary>
    [Post("/egress/{subscriptionId}/crm/objects/{objectType}/search")]
    Task<IApiResponse<BatchAnswer>> SearchAsync(Guid subscriptionId, string objectType, [Body] SearchRequest request, CancellationToken cancellationToken);

    /// <summary>Archives records (the recycle bin); unknown ids are no error.</summary>
    [Post("/egress/{subscriptionId}/crm/objects/{objectType}/batch/archive")]
    Task<IApiResponse> ArchiveAsync(Guid subscriptionId, string objectType, [Body] BatchRequest request, CancellationToken cancellationToken);

    /// <summary>Creates associations, at most 2,000 at once; creating again is no error.</summary>
    [Post("/egress/{subscriptionId}/crm/associations/{fromType}/{toType}/batch/create")]
    Task<IApiResponse<BatchAnswer>> AssociateAsync(
        Guid subscriptionId, string fromType, string toType, [Body] AssociationRequest request, CancellationToken cancellationToken);

    /// <summary>Removes all associations between pairs of records, at most 100 at once; that there is none is no error.</summary>
    [Post("/egress/{subscriptionId}/crm/associations/{fromType}/{toType}/batch/archive")]
    Task<IApiResponse> DisassociateAsync(
        Guid subscriptionId, string fromType, string toType, [Body] DisassociationRequest request, CancellationToken cancellationToken);

    /// <summary>All property definitions of an object type.</summary>
    [Get("/egress/{subscriptionId}/crm/properties/{objectType}")]
    Task<IApiResponse<Listing<PropertyDefinition>>> PropertiesAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken);

    /// <summary>Creates a property definition.</summary>
    [Post("/egress/{subscriptionId}/crm/properties/{objectType}")]
    Task<IApiResponse<PropertyDefinition>> CreatePropertyAsync(
        Guid subscriptionId, string objectType, [Body] PropertyDefinition property, CancellationToken cancellationToken);

    /// <summary>The pipelines of an object type with their stages.</summary>
    [Get("/egress/{subscriptionId}/crm/pipelines/{objectType}")]
    Task<IApiResponse<Listing<Pipeline>>> PipelinesAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken);
}
