using HubSpotBus.Mappings.Schema;
using HubSpotBus.Mappings.Translating;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class PropertyCheckTests
{
    private static readonly PropertyDefinition Size = new()
    {
        Name = "size", Type = "enumeration", FieldType = "select", Options = [new("l", "Large"), new("xl", "Extra large")],
    };

    [Theory]
    [InlineData("string", "x", "x")]
    [InlineData("number", "12.5", "12.5")]
    [InlineData("bool", "Yes", "true")]
    [InlineData("bool", "0", "false")]
    [InlineData("datetime", "1996-07-08T02:00:00+02:00", "1996-07-08T00:00:00.000Z")]
    [InlineData("date", "1996-07-08T02:00:00+02:00", "1996-07-08")]
    [InlineData("enumeration", "anything", "anything")]
    public void A_value_is_brought_into_the_form_of_its_type(string type, string value, string expected) =>
        PropertyCheck.Check("p", value, new PropertyDefinition { Name = "p", Type = type }, "f").Value.ShouldBe(expected);

    [Theory]
    [InlineData("number", "a dozen", "not a number")]
    [InlineData("bool", "maybe", "not true or false")]
    [InlineData("datetime", "tomorrow", "not a date")]
    [InlineData("date", "tomorrow", "not a date")]
    public void A_value_of_another_type_is_a_problem_of_its_field(string type, string value, string why)
    {
        var problem = PropertyCheck.Check("p", value, new PropertyDefinition { Name = "p", Type = type }, "f").Problem.ShouldNotBeNull();
        (problem.Field, problem.Value).ShouldBe(("f", value));
        problem.Message.ShouldContain(why);
    }

    [Theory]
    [InlineData("l", "l")]
    [InlineData("XL", "xl")]
    [InlineData("extra large", "xl")]
    public void An_option_is_found_by_value_or_label(string value, string expected) =>
        PropertyCheck.Check("size", value, Size, "f").Value.ShouldBe(expected);

    [Fact]
    public void A_value_that_is_no_option_is_told_the_options() => PropertyCheck.Check("size", "S", Size, "f").Problem!.Message
        .ShouldBe("'S' is not an option of HubSpot's size (l, xl). "
            + "Correct f in the hub, or add the option in HubSpot and connect the subscription again.");

    [Fact]
    public void A_checkbox_takes_several_options()
    {
        PropertyCheck.Check("size", "Large; xl", Size with { FieldType = "checkbox" }, "f").Value.ShouldBe("l;xl");
        PropertyCheck.Check("size", "Large; xl", Size, "f").Value.ShouldBeNull();
    }

    [Fact]
    public void Text_may_be_as_long_as_HubSpot_takes_and_not_longer()
    {
        PropertyCheck.Check("p", new string('x', 65_536), null, "f").Value.ShouldNotBeNull();
        var problem = PropertyCheck.Check("p", new string('x', 65_537), null, "f").Problem.ShouldNotBeNull();
        problem.Message.ShouldBe("f has 65537 characters; HubSpot's p takes 65536. Shorten it in the hub.");
        problem.Value!.Length.ShouldBe(103);
    }
}
