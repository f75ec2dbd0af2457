using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mds.Server.Admin.Api;
using Mds.Server.Faults;

namespace Mds.Server.Tests.Admin.Api;

public sealed class ApiBodyTests
{
    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', (byte)'p', (byte)'a', (byte)'t', (byte)'h', (byte)'"', (byte)':', (byte)'"', 0xff, (byte)'"', (byte)'}' })]
    public void Read_BytesThatAreNoText_IsAnError(byte[] body) => Assert.NotEmpty(new ApiBody(body).Errors);

    [Theory]
    [InlineData("""{"path": "\ud800"}""")]
    [InlineData("""{"\ud800": "x"}""")]
    public void Read_HalfACharacter_IsAnError(string body) => Assert.NotEmpty(new ApiBody(Encoding.UTF8.GetBytes(body)).Errors);

    [Fact]
    public void Answer_AnyBody_IsAFaultOrErrorsThatSayWhere() => Check.QuickThrowOnFailure(Prop.ForAll(
        Arb.From(Bodies()),
        body =>
        {
            var answer = new FaultsResource(new FaultSet(TimeProvider.System)).Answer(
                new ApiRequest("POST", null, new Microsoft.AspNetCore.Http.QueryCollection(), body));
            return answer.Status == 201
                || (answer.Status == 400 && answer.Body!.Errors().All(error => error.Path[0] == '$' && error.Message.EndsWith('.')));
        }));

    // Bytes, and JSON that is nearly right.
    private static Gen<byte[]> Bodies()
    {
        var key = Gen.Elements("path", "status", "delay", "probability", "seed", "times", "other", "");
        var value = Gen.Elements("1", "503", "-1", "0.5", "1e999", "\"*/token\"", "\"2s\"", "\"\"", "null", "{}", "[[]]", "true", "99999999999", "\"\\u0000\"");
        var members = Gen.Zip(key, value).ListOf().Select(list => "{" + string.Join(",", list.Select(pair => $"\"{pair.Item1}\": {pair.Item2}")) + "}");
        return Gen.OneOf(members.Select(Encoding.UTF8.GetBytes), ArbMap.Default.GeneratorFor<byte[]>());
    }
}
