using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.BatchExecutions;
using Shouldly;
using Xunit;

namespace HubSpotBus.Contracts.Tests;

/// <summary>
/// A message is a promise: its JSON is approved, file by file. A deliberate addition is approved by running the tests with
/// APPROVE=1 and committing what changed.
/// </summary>
public sealed class ApprovedMessageTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static TheoryData<Type> Messages =>
        [.. typeof(RunBatchExecution).Assembly.GetExportedTypes()
            .Where(t => t is { IsSealed: true, IsAbstract: false, IsGenericType: false, IsEnum: false } && t.GetMethod("<Clone>$") is not null)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_looks_on_the_wire_as_approved(Type message)
    {
        var file = Path.Combine(Repository.Root, "tests", "Contracts.Tests", "Approved", $"{message.Namespace!.Split('.')[^1]}.{message.Name}.json");
        var actual = JsonSerializer.Serialize(Example(message, 0), message, Json) + "\n";
        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
            File.WriteAllText(file, actual);

        File.Exists(file).ShouldBeTrue($"{message.Name} has no approved JSON. Run the tests with APPROVE=1, read the file, commit it.");
        actual.ShouldBe(File.ReadAllText(file), $"{message.Name} changed on the wire. Add only optional members; else make a V2.");
    }

    [Fact]
    public void Every_approved_file_belongs_to_a_message()
    {
        var names = Messages.Select(m => ((Type)m.Data).Namespace!.Split('.')[^1] + "." + ((Type)m.Data).Name).ToHashSet();

        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Contracts.Tests", "Approved"))
            .Select(Path.GetFileNameWithoutExtension)
            .Where(name => !names.Contains(name!))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_nothing_but_data(Type message) =>
        message.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && m.Name is not ("Equals" or "GetHashCode" or "ToString" or "<Clone>$"))
            .ShouldBeEmpty();

    /// <summary>An instance with every member filled, the same at every run.</summary>
    private static object Example(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return "text";
        if (type == typeof(Guid))
            return new Guid("11111111-2222-3333-4444-555555555555");
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2026, 9, 8, 7, 6, 5, TimeSpan.Zero);
        if (type == typeof(TimeSpan))
            return TimeSpan.FromSeconds(90);
        if (type == typeof(Uri))
            return new Uri("https://api.hubapi.com");
        if (type == typeof(decimal))
            return 12.34m;
        if (type == typeof(bool))
            return true;
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(0)!;
        if (type.IsPrimitive)
            return Convert.ChangeType(7, type);
        if (type.IsGenericType && type.GetGenericTypeDefinition() is { } open)
        {
            if (open == typeof(IReadOnlyDictionary<,>))
            {
                var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()))!;
                dictionary.Add("key", Example(type.GetGenericArguments()[1], depth + 1));
                return dictionary;
            }

            if (open == typeof(IReadOnlyList<>))
            {
                var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type.GetGenericArguments()))!;
                list.Add(Example(type.GetGenericArguments()[0], depth + 1));
                return list;
            }
        }

        depth.ShouldBeLessThan(8);
        var instance = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties().Where(p => p.CanWrite))
            property.SetValue(instance, Example(property.PropertyType, depth + 1));
        return instance;
    }
}
