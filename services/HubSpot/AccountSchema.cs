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
    /// Makes our key property on an object type unless <paramref name="known"/> has it: no call or one, two where the account keeps no
    /// more unique properties. That it exists already is fine (somebody else made it meanwhile).
    /// </summary>
    /// <returns>True when the account keeps it unique.</returns>
    /// <exception cref="HubSpotRejectedException">HubSpot refuses the property altogether.</exception>
    public async Task<bool> EnsureKeyPropertyAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<PropertyDefinition> known, CancellationToken cancellationToken)
    {
        if (known.FirstOrDefault(p => p.Name == KeyProperties.Of(objectType)) is { } there)
            return there.HasUniqueValue ?? false;
        var property = new PropertyDefinition
        {
            Name = KeyProperties.Of(objectType),
            Label = $"Hub id ({objectType.Replace('_', ' ')})",
            Description = "Key of the record in the data hub. Written by HubSpotBus; do not change.",
            Type = "string",
            FieldType = "text",
            GroupName = known.Select(p => p.GroupName).FirstOrDefault(g => !string.IsNullOrEmpty(g)),
            HasUniqueValue = true,
        };
        if (await TryCreateAsync(subscriptionId, objectType, property, cancellationToken) is null)
            return true;
        if (await TryCreateAsync(subscriptionId, objectType, property with { HasUniqueValue = null }, cancellationToken) is { } problem)
            throw new HubSpotRejectedException(problem);
        return false;
    }

    private async Task<HubSpotProblem?> TryCreateAsync(
        Guid subscriptionId, string objectType, PropertyDefinition property, CancellationToken cancellationToken)
    {
        var answer = await HubSpotAnswers.CallAsync(
            () => api.CreatePropertyAsync(subscriptionId, objectType, property, cancellationToken), cancellationToken);
        return answer.IsSuccessStatusCode || (int)answer.StatusCode.GetValueOrDefault() == 409
            ? null
            : ErrorParser.Parse(answer.BodyOfError(), (int)answer.StatusCode.GetValueOrDefault());
    }
}
