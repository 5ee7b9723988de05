using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;

namespace HubSpotBus.HubSpot;

/// <summary>Reads what an account has, and sees that it has our key properties.</summary>
public sealed class AccountSchema(IHubSpotApi api)
{
    /// <summary>The property definitions of an object type: one call.</summary>
    public async Task<IReadOnlyList<PropertyDefinition>> PropertiesAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken)
    {
        var answer = await HubSpotAnswers.CallAsync(() => api.PropertiesAsync(subscriptionId, objectType, cancellationToken), cancellationToken);
        return answer.ContentOrThrow().Results ?? [];
    }

    /// <summary>The pipelines of an object type: one call.</summary>
    public async Task<IReadOnlyList<Pipeline>> PipelinesAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken)
    {
        var answer = await HubSpotAnswers.CallAsync(() => api.PipelinesAsync(subscriptionId, objectType, cancellationToken), cancellationToken);
        return answer.ContentOrThrow().Results ?? [];
    }

    /// <summary>
    /// Makes our unique key property on an object type unless <paramref name="known"/> has it: no call or one. That it exists
    /// already is fine (somebody else made it meanwhile); any other refusal is a <see cref="HubSpotRejectedException"/>.
    /// </summary>
    public async Task EnsureKeyPropertyAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<PropertyDefinition> known, CancellationToken cancellationToken)
    {
        var name = KeyProperties.Of(objectType);
        if (known.Any(p => p.Name == name))
            return;
        var property = new PropertyDefinition
        {
            Name = name,
            Label = $"Hub id ({objectType.Replace('_', ' ')})",
            Description = "Key of the record in the data hub. Written by HubSpotBus; do not change.",
            Type = "string",
            FieldType = "text",
            GroupName = known.Select(p => p.GroupName).FirstOrDefault(g => !string.IsNullOrEmpty(g)),
            HasUniqueValue = true,
        };
        var answer = await HubSpotAnswers.CallAsync(
            () => api.CreatePropertyAsync(subscriptionId, objectType, property, cancellationToken), cancellationToken);
        if ((int)answer.StatusCode.GetValueOrDefault() != 409)
            answer.ContentOrThrow();
    }
}
