using System.Runtime.InteropServices;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Service;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Tests;

/// <summary>A configuration file that changes while a box serves. Not parallel, because the environment is read too.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
public sealed class ConfigurationReloaderTests : IDisposable
{
    private const int Reloaded = 4002;
    private const int Refused = 4003;

    private readonly TemporaryDirectory _directory = new();
    private readonly RecordingLogger _log = new();
    private readonly List<MiddleboxOptions> _applied = [];
    private readonly string _path;
    private readonly ConfigurationReloader _reloader;
    private Exception? _failure;
    private Action _whenApplied = () => { };

    public ConfigurationReloaderTests()
    {
        _path = _directory.File("box.json");
        File.WriteAllText(_path, """{ "Middlebox": { "Name": "box" } }""");
        Assert.That(ConfigurationReader.TryRead(_path, out var options, out _), Is.True);
        _reloader = new ConfigurationReloader(_path, options!, Apply, new ServiceManager(null, null), TimeProvider.System, _log);
    }

    public void Dispose()
    {
        _reloader.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void File_Changed_Applied()
    {
        Write(""" "Name": "box", "Policy": { "Default": "Defer" } """);
        AssertNext(Reloaded, "mode Implicit");
        Assert.That(_applied.Single().Policy.Default, Is.EqualTo(Middlebox.Negotiation.Policy.PolicyAction.Defer));
    }

    [Test]
    public void File_ModeChangedAndBack_AppliedBothTimes()
    {
        Write(""" "Name": "box", "Mode": "Explicit", "Explicit": { "ProxyId": 1, "AcceptUnsigned": true } """);
        AssertNext(Reloaded, "mode Explicit");
        Write(""" "Name": "box" """);
        AssertNext(Reloaded, "mode Implicit");
        Assert.That(_applied.Select(options => options.Mode), Is.EqualTo(new[] { NegotiationMode.Explicit, NegotiationMode.Implicit }));
    }

    // As editors and configuration management do it.
    [Test]
    public void File_ReplacedByRenaming_Applied()
    {
        var next = _directory.File("box.json.new");
        File.WriteAllText(next, """{ "Middlebox": { "Name": "box", "Negotiation": { "ClientTimeout": "00:00:07" } } }""");
        File.Move(next, _path, overwrite: true);
        AssertNext(Reloaded, "mode Implicit");
        Assert.That(_applied.Single().Negotiation.ClientTimeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [Test]
    public void File_WithFaults_RefusedWholeWithAllOfThem_TheOldStays()
    {
        Write(""" "Name": "box", "Policy": { "Default": "Defer" }, "Mod": "Explicit", "Negotiation": { "ClientTimeout": "soon" } """);
        AssertNext(Refused, "Middlebox:Mod: ", "Middlebox:Negotiation:ClientTimeout: ");
        Assert.That(_applied, Is.Empty);
        Write(""" "Name": "box", "Policy": { "Default": "Defer" } """);
        AssertNext(Reloaded, "mode Implicit");
    }

    [Test]
    public void File_ChangesWhatNeedsARestart_RefusedWhole()
    {
        Write(""" "Name": "other", "Interceptor": { "Queues": 2 }, "Policy": { "Default": "Defer" } """);
        AssertNext(Refused, "Middlebox:Name: ", "Middlebox:Interceptor:Queues: ");
        Assert.That(_applied, Is.Empty);
    }

    [Test]
    public void File_NoJson_OrGone_Refused()
    {
        File.WriteAllText(_path, "{");
        AssertNext(Refused, "no valid JSON");
        File.Delete(_path);
        Write(""" "Name": "box" """);
        AssertNext(Reloaded, "mode Implicit");
    }

    private static Exception[] Failures =>
        [new HostSetupException("no such chain"), new IOException("no such file"), new InvalidOperationException("a fault of ours")];

    // On a timer's thread an exception would end the process, and with it all connections.
    [TestCaseSource(nameof(Failures))]
    public void Apply_Fails_TheOldStays_AndIsWhatTheNextIsHeldAgainst(Exception failure)
    {
        _failure = failure;
        Write(""" "Name": "box", "Policy": { "Default": "Defer" } """);
        AssertNext(Refused, failure.Message);
        Assert.That(_applied, Is.Empty);

        _failure = null;
        Write(""" "Name": "box", "Policy": { "Default": "Bypass" } """);
        AssertNext(Reloaded, "mode Implicit");
        Assert.That(_applied.Single().Policy.Default, Is.EqualTo(Middlebox.Negotiation.Policy.PolicyAction.Bypass));
    }

    [Test]
    public void KeyFile_OpenToOthers_Refused()
    {
        var keys = _directory.File("keys");
        File.WriteAllText(keys, "key 1 00112233445566778899aabbccddeeff\nsign 1\nproxy 1\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Write($$""" "Name": "box", "Mode": "Explicit", "Explicit": { "ProxyId": 1, "KeyFile": "{{keys}}" } """);
        AssertNext(Refused, "Middlebox:Explicit:KeyFile: ", "chmod 600");

        File.SetUnixFileMode(keys, UnixFileMode.UserRead);
        Write($$""" "Name": "box", "Mode": "Explicit", "Explicit": { "ProxyId": 1, "KeyFile": "{{keys}}" } """);
        AssertNext(Reloaded, "mode Explicit");
    }

    // As under nohup(1).
    [Test]
    public void SIGHUP_IgnoredByTheParent_HeardAllTheSame()
    {
        _reloader.Dispose();
        const nint Ignore = 1;
        var libc = NativeLibrary.Load("libc");
        Marshal.GetDelegateForFunctionPointer<SetSignal>(NativeLibrary.GetExport(libc, "signal"))((int)ProcessSignal.HangUp, Ignore);
        using var reloader = new ConfigurationReloader(_path, new MiddleboxOptions { Name = "box" }, Apply, new ServiceManager(null, null), TimeProvider.System, _log);

        ProcessControl.Send(Environment.ProcessId, ProcessSignal.HangUp);

        AssertNext(Reloaded, "mode Implicit");
    }

    // A burst of signals: each would hold a thread, and those that read need some themselves.
    [Test]
    public void Asked_AgainAndAgainDuringAReading_OneMoreWaits_TheOthersReturn()
    {
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _whenApplied = () =>
        {
            reading.Set();
            goOn.Wait();
        };
        var first = InItsOwnThread();
        reading.Wait();
        var others = Enumerable.Range(0, 20).Select(_ => InItsOwnThread()).ToList();
        Assert.That(() => others.Count(other => other.IsCompleted), Is.EqualTo(others.Count - 1).After(10_000, 5));

        goOn.Set();
        Task.WaitAll([first, .. others]);
        Assert.That(_applied, Has.Count.EqualTo(2));

        Task InItsOwnThread() => Task.Factory.StartNew(_reloader.Ask, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private delegate nint SetSignal(int signal, nint handler);

    private void Apply(MiddleboxOptions next)
    {
        if (_failure is not null)
            throw _failure;
        _whenApplied();
        _applied.Add(next);
    }

    private void Write(string keys) => File.WriteAllText(_path, $$"""{ "Middlebox": { {{keys}} } }""");

    private void AssertNext(int id, params string[] parts)
    {
        var message = _log.Next();
        Assert.That(message.Id, Is.EqualTo(id), message.Text);
        foreach (var part in parts)
            Assert.That(message.Text, Does.Contain(part));
    }
}
