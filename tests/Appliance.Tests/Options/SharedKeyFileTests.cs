using Middlebox.Appliance.Options;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Options;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class SharedKeyFileTests
{
    private const string Key = "00112233445566778899aabbccddeeff";
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public void WholeFile_IsRead()
    {
        var problems = SharedKeyFile.Parse(
            [
                "# keys of the edge proxies",
                "",
                $"key 1 {Key}   # the old one",
                $"  key\t63  {Key.ToUpperInvariant()}00  ",
                "sign 63",
                "proxy 1",
                "proxy 65535",
                "proxy 1",
            ],
            out var keys);
        Assert.That(problems, Is.Empty);
        Assert.That(keys!.SigningKeyId, Is.EqualTo(63));
        Assert.That(keys.SigningKey.ToArray(), Is.EqualTo(Convert.FromHexString(Key + "00")));
        Assert.That(keys.Proxies.ToArray(), Is.EquivalentTo(new ushort[] { 1, 65535 }));
        Assert.That(keys.TryFind(1, out var old), Is.True);
        Assert.That(old.ToArray(), Is.EqualTo(Convert.FromHexString(Key)));
        Assert.That(keys.TryFind(2, out _), Is.False);
    }

    [Test]
    public void File_OfAnotherUser_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        File.WriteAllText(path, $"key 1 {Key}\nsign 1\nproxy 1\n");
        File.SetUnixFileMode(path, OwnersOnly);
        Assert.That(SharedKeyFile.Read(path, out _), Is.Empty);
        RequireRun("chown", "12345", path);
        Assert.That(SharedKeyFile.Read(path, out var keys), Has.Count.EqualTo(1).And.One.Contains("user id 12345"));
        Assert.That(keys, Is.Null);
    }

    [Test]
    public void File_WithoutThisBox_IsRefusedWithTheRemedy()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        File.WriteAllText(path, $"key 1 {Key}\nsign 1\nproxy 1\n");
        File.SetUnixFileMode(path, OwnersOnly);
        var explicitly = new ExplicitOptions { ProxyId = 2, KeyFile = path };
        var options = new MiddleboxOptions { Mode = NegotiationMode.Explicit, Explicit = explicitly };
        Assert.That(
            MiddleboxOptionsValidator.Check(options).Select(error => error.ToString()).ToList(),
            Has.Count.EqualTo(1).And.One.Contains("Middlebox:Explicit:KeyFile").And.One.Contains("proxy 2"));
        Assert.That(MiddleboxOptionsValidator.Check(options with { Explicit = explicitly with { ProxyId = 1 } }), Is.Empty);
    }

    private static void RequireRun(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(command[0], command[1..]);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    [Test]
    public void AllFaults_AreReportedAtOnceWithTheirLines()
    {
        var problems = SharedKeyFile.Parse(
            [
                $"key 64 {Key}",
                $"key 1 {Key}",
                $"key 1 {Key}",
                $"key 2 {Key[2..]}",
                $"key 3 {Key[..^1]}",
                $"key 4 xyz{Key[3..]}",
                "key 5",
                "sign 1",
                "sign 1",
                "proxy 0",
                "proxy 65536",
                "proxy -1",
                "keys 1 2",
                "sign",
            ],
            out var keys);
        Assert.That(keys, Is.Null);
        Assert.That(problems, Is.EqualTo(new[]
        {
            "line 1: the id must be 0 to 63",
            "line 3: key 1 is there twice",
            "line 4: key 2 has 15 bytes; it needs at least 16",
            "line 5: key 3 is not hexadecimal",
            "line 6: key 4 is not hexadecimal",
            "line 7: expected key ID HEX, sign ID or proxy ID",
            "line 9: expected one line: sign ID",
            "line 10: the id must be 1 to 65535",
            "line 11: the id must be 1 to 65535",
            "line 12: the id must be 1 to 65535",
            "line 13: expected key ID HEX, sign ID or proxy ID",
            "line 14: expected one line: sign ID",
        }));
    }

    [TestCase(new[] { "key 1 " + Key }, "no line says which key signs; add: sign ID")]
    [TestCase(new[] { "key 1 " + Key, "sign 2" }, "there is no key 2 to sign with")]
    [TestCase(new string[0], "no line says which key signs; add: sign ID")]
    public void NothingToSignWith_SaysSo(string[] lines, string expected)
    {
        Assert.That(SharedKeyFile.Parse(lines, out var keys), Is.EqualTo(new[] { expected }));
        Assert.That(keys, Is.Null);
    }

    // Messages go to logs and terminals.
    [TestCase("key " + Key + " 1")]
    [TestCase("key " + Key)]
    [TestCase(Key)]
    [TestCase("key 1 " + Key + "0")]
    [TestCase("key 1 2 " + Key)]
    [TestCase("sign " + Key)]
    [TestCase("proxy " + Key)]
    [TestCase("key 1 0x" + Key)]
    public void KeyInTheWrongPlace_IsNeverInAMessage(string line)
    {
        var problems = SharedKeyFile.Parse([line], out _);
        Assert.That(problems, Has.Some.StartsWith("line 1: "));
        Assert.That(problems, Has.None.Contains(Key[..8]));
    }

    [TestCase(OwnersOnly)]
    [TestCase(UnixFileMode.UserRead)]
    public void File_OfItsOwnerAlone_IsRead(UnixFileMode mode)
    {
        using var directory = new TemporaryDirectory();
        Assert.That(SharedKeyFile.Read(Write(directory, mode), out var keys), Is.Empty);
        Assert.That(keys!.Proxies.ToArray(), Is.EqualTo(new ushort[] { 7 }));
    }

    [TestCase(UnixFileMode.GroupRead)]
    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.OtherRead)]
    [TestCase(UnixFileMode.OtherWrite)]
    [TestCase(UnixFileMode.OtherExecute)]
    public void File_OpenToOthers_IsRefused(UnixFileMode access)
    {
        using var directory = new TemporaryDirectory();
        var path = Write(directory, OwnersOnly | access);
        Assert.That(
            SharedKeyFile.Read(path, out var keys),
            Is.EqualTo(new[] { $"'{path}' may be read or written by others than its owner; chmod 600 it" }));
        Assert.That(keys, Is.Null);
    }

    [Test]
    public void File_Missing_OrADirectory_SaysSo()
    {
        using var directory = new TemporaryDirectory();
        Assert.That(
            SharedKeyFile.Read(directory.File("keys"), out _), Has.One.StartsWith($"'{directory.File("keys")}' cannot be read: "));
        File.SetUnixFileMode(directory.Path, OwnersOnly | UnixFileMode.UserExecute);
        Assert.That(SharedKeyFile.Read(directory.Path, out _), Has.One.StartsWith($"'{directory.Path}' cannot be read: "));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task File_IsAFifo_IsRefused(CancellationToken deadline)
    {
        using var directory = new TemporaryDirectory();
        var path = Fifo.Make(directory.File("keys"));
        Assert.That(
            await Task.Run(() => SharedKeyFile.Read(path, out _), deadline).WaitAsync(deadline),
            Has.One.StartsWith($"'{path}' cannot be read: it is a FIFO"));
    }

    private static string Write(TemporaryDirectory directory, UnixFileMode mode)
    {
        var path = directory.File("keys");
        File.WriteAllText(path, $"key 1 {Key}\nsign 1\nproxy 7\n");
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
