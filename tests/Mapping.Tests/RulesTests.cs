using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class RulesTests
{
    private static readonly Dictionary<string, string> Table = new() { ["Open"] = "o", ["Shipped"] = "s" };

    [Theory]
    [InlineData("Luleå", "Luleå")]
    [InlineData("Berguvsvägen  8", "Berguvsvägen  8")]
    [InlineData("", null)]
    [InlineData("  ", null)]
    [InlineData(null, null)]
    public void A_field_is_taken_as_it_is_and_a_blank_one_is_nothing(string? value, string? expected) =>
        Apply(new FromField("a"), value).Value.ShouldBe(expected);

    [Fact]
    public void A_constant_is_always_the_same() => Apply(new Constant("x"), null).Value.ShouldBe("x");

    [Theory]
    [InlineData("1", "2", "1")]
    [InlineData(" ", "2", "2")]
    [InlineData(null, null, null)]
    public void The_first_filled_field_counts(string? a, string? b, string? expected) =>
        new FirstOf([new FromField("a"), new FromField("b")]).Apply(Input(("a", a), ("b", b))).Value.ShouldBe(expected);

    [Fact]
    public void A_problem_of_the_first_is_not_hidden_by_the_second() =>
        new FirstOf([new NumberOf("a"), new NumberOf("b")]).Apply(Input(("a", "many"), ("b", 2m))).Problem!.Field.ShouldBe("a");

    [Theory]
    [InlineData("Shirt", "L blue", "Shirt L blue")]
    [InlineData("Shirt", "", "Shirt")]
    [InlineData(null, null, null)]
    public void Filled_parts_are_joined(string? a, string? b, string? expected) =>
        new Join(" ", ["a", "b"]).Apply(Input(("a", a), ("b", b))).Value.ShouldBe(expected);

    [Theory]
    [InlineData("Shipped", "s")]
    [InlineData(" shipped ", "s")]
    [InlineData("Lost at sea", "?")]
    [InlineData(null, "?")]
    public void A_table_is_read_whatever_the_case_and_has_a_default(string? value, string expected) =>
        Apply(new Lookup("a", Table, "?"), value).Value.ShouldBe(expected);

    [Theory]
    [InlineData("14.00", "14")]
    [InlineData("65.830", "65.83")]
    [InlineData("0.00", "0")]
    [InlineData("-3.50", "-3.5")]
    [InlineData("0.0000000125", "0.0000000125")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    public void Numbers_have_no_trailing_zeros_and_no_exponent(string value, string expected) =>
        Apply(new NumberOf("a"), decimal.Parse(value)).Value.ShouldBe(expected);

    [Theory]
    [InlineData("1,234")]
    [InlineData("twelve")]
    [InlineData("1e5")]
    public void What_is_not_a_number_is_a_problem(string value)
    {
        var problem = Apply(new NumberOf("a"), value).Problem.ShouldNotBeNull();
        problem.Field.ShouldBe("a");
        problem.Value.ShouldBe(value);
        problem.Message.ShouldBe($"'{value}' is not a number. Correct a in the hub.");
    }

    [Fact]
    public void Times_are_written_in_UTC_with_milliseconds() =>
        Apply(new DateTimeOf("a"), new DateTimeOffset(1996, 7, 8, 2, 0, 0, 5, TimeSpan.FromHours(2))).Value
            .ShouldBe("1996-07-08T00:00:00.005Z");

    [Fact]
    public void What_is_not_a_date_is_a_problem() =>
        Apply(new DateTimeOf("a"), "soon").Problem!.Message.ShouldContain("'soon' is not a date");

    [Theory]
    [InlineData(" Maria.Anders@Alfreds.DE ", "maria.anders@alfreds.de")]
    [InlineData("o'neil+shop@sub.example.co.uk", "o'neil+shop@sub.example.co.uk")]
    [InlineData("jörg@müller.de", "jörg@müller.de")]
    [InlineData("", null)]
    public void E_mail_addresses_are_lower_cased(string value, string? expected)
    {
        var applied = Apply(new EmailOf("a"), value);
        applied.Value.ShouldBe(expected);
        applied.Problem.ShouldBeNull();
    }

    [Theory]
    [InlineData("maria")]
    [InlineData("maria@localhost")]
    [InlineData("maria@@example.com")]
    [InlineData("maria@example..com")]
    [InlineData(".maria@example.com")]
    [InlineData("maria@-example.com")]
    [InlineData("a b@example.com")]
    [InlineData("maria@example.com, peter@example.com")]
    [InlineData("Maria <maria@example.com>")]
    public void What_is_not_an_e_mail_address_is_a_problem(string value)
    {
        var applied = Apply(new EmailOf("a"), value);
        applied.Value.ShouldBeNull();
        applied.Problem!.Message.ShouldBe($"'{value}' is not an e-mail address. Correct or empty a in the hub.");
    }

    [Theory]
    [InlineData("http://www.Berglunds.se/butik?x=1", "berglunds.se")]
    [InlineData("berglunds.se", "berglunds.se")]
    [InlineData("shop.berglunds.se:8080/", "shop.berglunds.se")]
    [InlineData("https://localhost", null)]
    [InlineData("http://10.0.0.1/", null)]
    [InlineData("http://[::1]/", null)]
    [InlineData("info@berglunds.se", null)]
    [InlineData("not a site", null)]
    [InlineData("", null)]
    public void The_domain_of_a_web_address_is_found_where_there_is_one(string value, string? expected)
    {
        var applied = Apply(new DomainOf("a"), value);
        applied.Value.ShouldBe(expected);
        applied.Problem.ShouldBeNull();
    }

    [Theory]
    [InlineData("usd", "USD")]
    [InlineData(null, null)]
    public void Currencies_are_codes_in_capitals(string? value, string? expected) =>
        Apply(new CurrencyOf("a"), value).Value.ShouldBe(expected);

    [Theory]
    [InlineData("Euro")]
    [InlineData("€")]
    [InlineData("E1R")]
    public void What_is_not_a_currency_code_is_a_problem(string value) => Apply(new CurrencyOf("a"), value).Problem!.Value.ShouldBe(value);

    [Fact]
    public void A_pipeline_of_closed_stages_only_gives_its_first() => StageRule(CollectionKind.Order)
        .Apply(Input(
            ("status", "?"), new Pipeline("p", "p", 0, [new PipelineStage("b", "B", 1, true), new PipelineStage("a", "A", 0, true)])))
        .Value.ShouldBe("a");

    [Fact]
    public void Without_known_pipelines_there_is_neither_pipeline_nor_stage()
    {
        new PipelineOf().Apply(Input()).Value.ShouldBeNull();
        StageRule(CollectionKind.Order).Apply(Input(("status", "Shipped"))).Value.ShouldBeNull();
    }

    private static StageOf StageRule(CollectionKind kind) =>
        AnAccount.Defaults.Single(c => c.Kind == kind).Rules.Select(r => r.Rule).OfType<StageOf>().Single();

    private static Applied Apply(Rule rule, object? value) => rule.Apply(Input(("a", value)));

    private static RuleInput Input(params (string Name, object? Value)[] fields) =>
        new(name => fields.FirstOrDefault(f => f.Name == name).Value, null);

    private static RuleInput Input((string Name, object? Value) field, Pipeline pipeline) => Input(field) with { Pipeline = pipeline };
}
