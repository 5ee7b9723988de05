using System.Text;
using HubSpotBus.Auth.Webhooks;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Webhooks;

/// <summary>Against the vectors that HubSpot and its SDKs publish.</summary>
public sealed class SignedRequestTests
{
    private const string Secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    private const string Single = "{'example_field':'example_value'}";
    private const string Double = "{\"example_field\":\"example_value\"}";
    private const string V3 = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=";
    private static readonly DateTimeOffset _sent = DateTimeOffset.FromUnixTimeMilliseconds(1_693_657_560_000);

    [Theory]
    [InlineData(Single, V3)]
    [InlineData(Double, "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=")]
    public void Signature_v3_is_that_of_the_vectors(string body, string signature)
    {
        (Request(body) with { V3 = signature }).Problem(Secret, _sent, acceptOld: false).ShouldBeNull();
        Request(body).SignV3(Secret).ShouldBe(signature);
    }

    [Theory]
    [InlineData("POST", Single, "v2", "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383")]
    [InlineData("POST", Double, "v2", "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900")]
    [InlineData("GET", "", "v2", "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e")]
    [InlineData("POST", Single, "v1", "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750")]
    public void Older_signatures_are_those_of_the_vectors_and_count_only_when_switched_on(string method, string body, string version, string signature)
    {
        var request = Request(body) with { Method = method, Old = signature, OldVersion = version };
        request.Problem(Secret, _sent, acceptOld: true).ShouldBeNull();
        request.Problem(Secret, _sent, acceptOld: false).ShouldNotBeNull().ShouldContain("Webhooks:AcceptOldSignatures");
        (request with { Body = [1] }).Problem(Secret, _sent, acceptOld: true).ShouldNotBeNull();
        request.Problem("another secret", _sent, acceptOld: true).ShouldNotBeNull();
    }

    [Fact]
    public void Anything_else_than_what_was_signed_is_refused()
    {
        var right = Request(Single) with { V3 = V3 };
        SignedRequest[] wrong =
        [
            right with { Method = "PUT" },
            right with { Url = "http://www.example.com/webhook_uri" },
            right with { Url = "https://www.example.com/webhook_uri?a=b" },
            right with { Body = Encoding.UTF8.GetBytes(Double) },
            right with { Timestamp = "1693657560001" },
            right with { V3 = "" },
            right with { V3 = V3[..^1] },
            right with { V3 = V3.ToLowerInvariant() },
            right with { V3 = $"{V3},{V3}" },
            right with { V3 = "ä" },
        ];
        foreach (var request in wrong)
            request.Problem(Secret, _sent, acceptOld: true).ShouldNotBeNull();
        right.Problem("another secret", _sent, acceptOld: true).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(-300_000, true)]
    [InlineData(300_000, true)]
    [InlineData(-300_001, false)]
    [InlineData(300_001, false)]
    public void It_is_good_for_five_minutes_before_and_after(int milliseconds, bool good)
    {
        var problem = (Request(Single) with { V3 = V3 }).Problem(Secret, _sent.AddMilliseconds(milliseconds), acceptOld: false);
        (problem is null).ShouldBe(good);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("-1693657560000")]
    [InlineData("1693657560000.5")]
    [InlineData(" 1693657560000")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999")]
    public void A_time_that_is_none_is_refused_though_it_is_signed(string? timestamp)
    {
        var request = Request(Single) with { Timestamp = timestamp };
        (request with { V3 = request.SignV3(Secret) }).Problem(Secret, _sent, acceptOld: false).ShouldNotBeNull();
    }

    [Fact]
    public void A_right_old_signature_does_not_make_up_for_a_wrong_new_one()
    {
        var request = Request(Single) with { V3 = "wrong", OldVersion = "v1" };
        (request with { Old = request.SignV1(Secret) }).Problem(Secret, _sent, acceptOld: true).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("v1", "")]
    [InlineData("v9", "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750")]
    [InlineData(null, "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750")]
    [InlineData("v1", null)]
    public void An_old_signature_without_its_version_or_none_at_all_is_refused(string? version, string? signature) =>
        (Request(Single) with { Old = signature, OldVersion = version }).Problem(Secret, _sent, acceptOld: true).ShouldNotBeNull();

    [Fact]
    public void Characters_that_HubSpot_decodes_in_the_address_are_decoded_and_no_others()
    {
        var plain = Request(Single) with { Url = "https://www.example.com/webhook_uri?to=a@b:c/d&x=%20%26" };
        var encoded = Request(Single) with { Url = "https://www.example.com/webhook_uri?to=a%40b%3ac%2Fd&x=%20%26" };
        encoded.SignV3(Secret).ShouldBe(plain.SignV3(Secret));
        (Request(Single) with { Url = "https://www.example.com/webhook_uri?to=a@b:c/d&x= &" }).SignV3(Secret).ShouldNotBe(plain.SignV3(Secret));
    }

    private static SignedRequest Request(string body) => new()
    {
        Method = "POST",
        Url = "https://www.example.com/webhook_uri",
        Body = Encoding.UTF8.GetBytes(body),
        Timestamp = "1693657560000",
    };
}
