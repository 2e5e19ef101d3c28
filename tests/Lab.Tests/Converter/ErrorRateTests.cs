using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>Errors to one client are limited in rate (RFC 8803 section 6.2.5): beyond it, connections are reset without a word.</summary>
public sealed class ErrorRateTests : ConverterFixture
{
    private const int PerSecond = 5;

    protected override Dictionary<string, string> Settings => new() { ["Middlebox:Converter:ErrorsPerSecondPerClient"] = $"{PerSecond}" };

    [Test]
    public async Task Errors_beyond_the_rate_are_resets()
    {
        var message = ConvertOctets.Connect(Lab.AddressOf("proxy", AddressFamily.InterNetwork), 80);
        var answers = new List<byte[]>();
        do
            answers.Add(await AskAsync(AddressFamily.InterNetwork, message));
        while (answers[^1].Length > 0);

        Assert.That(answers, Has.Count.GreaterThan(PerSecond));
        var status = JsonElement.Parse(await ControlClient.AskAsync(Box.BoxControlSocket, ControlProtocol.Status, Deadline));
        Assert.That(status.GetProperty("converter").GetProperty("errorsWithheld").GetInt64(), Is.EqualTo(1));
    }
}
