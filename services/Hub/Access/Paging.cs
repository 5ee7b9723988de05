namespace HubSpotBus.Hub.Access;

/// <summary>A page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, int Number, int Size, int Total);

internal static class Paging
{
    public const int MaxSize = 500;
    private const int DefaultSize = 100;

    /// <summary>Checks page and size; null with the errors told.</summary>
    public static (int Skip, int Number, int Size)? Read(int? page, int? pageSize, Errors errors)
    {
        errors.Check(page is null or >= 1, "page", "A page number from 1.");
        errors.Check(pageSize is null or (>= 1 and <= MaxSize), "pageSize", $"1 to {MaxSize}; default {DefaultSize}.");
        if (errors.Any)
            return null;
        var (number, size) = (page ?? 1, pageSize ?? DefaultSize);
        return ((number - 1) * size, number, size);
    }
}
