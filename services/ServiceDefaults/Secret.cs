using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubSpotBus.ServiceDefaults;

/// <summary>
/// A token, key or password. It binds from the configuration and from JSON like a string, but whoever logs, serialises or prints it,
/// alone or within something else, gets ***; the text leaves by <see cref="Reveal"/> alone.
/// </summary>
[TypeConverter(typeof(FromText))]
[JsonConverter(typeof(FromJson))]
public sealed record Secret
{
    private readonly string _text;

    public Secret(string text) => _text = text;

    public bool IsEmpty => _text.Length == 0;

    public static implicit operator Secret(string text) => new(text);

    public string Reveal() => _text;

    public override string ToString() => "***";

    private sealed class FromText : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => new Secret((string)value);
    }

    private sealed class FromJson : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
