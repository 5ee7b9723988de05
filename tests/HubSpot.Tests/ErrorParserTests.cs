using HubSpotBus.HubSpot.Errors;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpot.Tests;

public sealed class ErrorParserTests
{
    [Fact]
    public void An_option_that_does_not_exist_is_named_with_property_value_and_what_to_do()
    {
        const string Body = """
            {"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"gold was not one of the allowed options: [a, b]\",\"error\":\"INVALID_OPTION\",\"name\":\"tier\",\"portalId\":1}]","correlationId":"c-1","category":"VALIDATION_ERROR"}
            """;

        var problem = ErrorParser.Parse(Body, 400);

        problem.Kind.ShouldBe(ProblemKind.Rejected);
        problem.Category.ShouldBe("INVALID_OPTION");
        problem.Property.ShouldBe("tier");
        problem.Value.ShouldBe("gold");
        problem.CorrelationId.ShouldBe("c-1");
        problem.PlainWords.ShouldBe("\"gold\" is not among the options of \"tier\" in HubSpot. Add the option in HubSpot or change the record.");
    }

    [Theory]
    [InlineData(409, """{"status":"error","message":"Contact already exists. Existing ID: 12345","category":"CONFLICT"}""", "12345", "email")]
    [InlineData(409, """{"message":"Contact already exists","category":"CONFLICT"}""", null, "email")]
    [InlineData(400, """{"message":"Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, propertyName=email, value=a@b.c} on 222. 111 already has that value.","category":"VALIDATION_ERROR"}""", "111", "email")]
    [InlineData(0, """{"category":"CONFLICT","message":"x","context":{"objectWriteTraceId":["0"],"existingId":["77"]}}""", "77", null)]
    public void A_conflict_names_the_existing_record_where_HubSpot_does(int status, string body, string? existingId, string? property)
    {
        var problem = ErrorParser.Parse(body, status);

        problem.Kind.ShouldBe(ProblemKind.Conflict);
        problem.ExistingId.ShouldBe(existingId);
        problem.Property.ShouldBe(property);
        problem.PlainWords.ShouldContain("Another record in HubSpot");
    }

    [Theory]
    [InlineData(404, """{"status":"error","message":"resource not found","correlationId":"x"}""")]
    [InlineData(404, """{"message":"Object not found.  objectId are usually numeric.","context":{"id":["abc"]},"category":"OBJECT_NOT_FOUND"}""")]
    [InlineData(0, """{"category":"OBJECT_NOT_FOUND","context":{"ids":["1","2"]}}""")]
    public void Not_found_is_told_in_each_form(int status, string body) => ErrorParser.Parse(body, status).Kind.ShouldBe(ProblemKind.NotFound);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("[]")]
    [InlineData("""{"message":null,"errors":"none","context":7}""")]
    public void Whatever_is_missing_there_is_a_reason(string body) => ErrorParser.Parse(body, 400).PlainWords.ShouldNotBeNullOrWhiteSpace();

    [Theory]
    [InlineData("""{"category":"MISSING_SCOPES","errors":[{"message":"m","context":{"requiredGranularScopes":["crm.objects.deals.read"]}}]}""")]
    [InlineData("""{"category":"MISSING_SCOPES","context":{"requiredGranularScopes":["crm.objects.deals.read"]}}""")]
    public void The_missing_scope_is_found_in_both_forms(string body) => ErrorParser.RequiredScopes(body).ShouldBe(["crm.objects.deals.read"]);

    [Fact]
    public void The_trace_ids_that_an_error_names_are_kept() =>
        ErrorParser.Parse("""{"category":"VALIDATION_ERROR","message":"m","context":{"objectWriteTraceId":["hub:7"]}}""", 0).TraceIds.ShouldBe(["hub:7"]);

    [Fact]
    public void A_property_that_the_account_lacks_says_what_to_do() => ErrorParser.Parse(
        """{"message":"m","errors":[{"message":"Property \"x\" does not exist","code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["x"]}}]}""", 400)
        .PlainWords.ShouldContain("has no property \"x\"");
}
