using System.Buffers.Binary;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Keeper;
using Middlebox.Lab;
using Middlebox.Native;
using Middlebox.Native.Namespaces;
using Middlebox.ProxyEngine.Survival;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Keeper;

/// <summary>What the keeper does with processes that say a word or two to it, or none.</summary>
/// <remarks>
/// By themselves: a program that another test starts just then would have a copy of the channel, which is for the one process that a keeper starts, and the keeper would not see its end.
/// </remarks>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
public sealed class DaemonKeeperTests : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] Silent = ["sleep", "1000"];

    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _log = new();

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    // Only the first process finds no directory to make.
    [Test]
    [CancelAfter(20_000)]
    public async Task FirstStart_ThatHangs_IsKilledAndFollowedByAnother(CancellationToken deadline)
    {
        var keeper = Keeper("bash", "-c", $"mkdir {_directory.File("hung")} && exec sleep 1000; exit 0");
        Assert.That(await Task.Run(() => keeper.Run(deadline), deadline).WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(
            _log.ToString(), Does.Contain("has not got on with its start for 0.5 s and was killed, 1 in a row; starting another").And.Not.Contain("connections"));
        Assert.That(IsRestored, Is.False, "the last one has ended in order");
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Starts_ThatHang_AreCountedAndGivenTwiceTheTime(CancellationToken deadline)
    {
        var second = _directory.File("second");
        var keeper = Keeper("bash", "-c", $"mkdir {_directory.File("first")} && exec sleep 1000; mkdir {second} && exec sleep 1000; exit 0");
        Assert.That(await Task.Run(() => keeper.Run(deadline), deadline).WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(_log.ToString(), Does.Contain("for 0.5 s and was killed, 1 in a row").And.Contain("for 1 s and was killed, 2 in a row"));
    }

    // On a machine where connections that go on want every processor, a start of a second takes ten.
    [Test]
    [CancelAfter(20_000)]
    public async Task Start_ThatGetsOn_MayTakeLongerThanOneThatHangs(CancellationToken deadline)
    {
        var step = $"{Say(KeeperMessageKind.Starting, 0)}; sleep 0.5";
        var keeper = Keeper(TimeSpan.FromSeconds(2), ["bash", "-c", $"for step in 1 2 3 4 5; do {step}; done; {Say(KeeperMessageKind.Serving, 0)}"]);
        Assert.That(await Task.Run(() => keeper.Run(deadline), deadline).WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(_log.ToString(), Is.Empty);
    }

    // A word that has lost its meaning by then does not silence the signs of life.
    [Test]
    [CancelAfter(20_000)]
    public async Task Step_OfAStart_SaidAfterTheSignsOfLifeHaveStopped_DoesNotCount(CancellationToken deadline)
    {
        var hung = _directory.File("hung");
        var keeper = PatientKeeper(
            "bash", "-c",
            $"mkdir {hung} || exit 0; {Say(KeeperMessageKind.Serving, 0)}; {Say(KeeperMessageKind.Living, 1)}; while true; do {Say(KeeperMessageKind.Starting, 0)}; sleep 0.1; done");
        Assert.That(await Task.Run(() => keeper.Run(deadline), deadline).WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(_log.ToString(), Does.Contain("has stood still for too long"));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task FirstStart_ThatFails_EndsTheKeeper(CancellationToken deadline)
    {
        var keeper = Keeper("bash", "-c", "exit 2");
        Assert.That(await Task.Run(() => keeper.Run(deadline), deadline).WaitAsync(deadline), Is.EqualTo(ExitCode.Usage));
        Assert.That(_log.ToString(), Is.Empty);
        Assert.That(IsRestored, Is.False, "it has never served, so there is nothing of it");
    }

    // Between two starts there is no daemon that could take back what the killed one has left.
    [Test]
    [CancelAfter(20_000)]
    public async Task ToldToEnd_BetweenStartsThatFail_TakesBackWhatAKilledDaemonHasLeft(CancellationToken deadline)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var keeper = PatientKeeper("bash", "-c", $"mkdir {_directory.File("served")} || exit 2; {Say(KeeperMessageKind.Serving, 0)}; kill -9 $$");

        var running = Task.Run(() => keeper.Run(stop.Token), deadline);
        await Condition.WaitAsync(() => _log.ToString().Contains("ended with code 2; starting another"), Patience, "a start has failed", deadline);
        await stop.CancelAsync();

        Assert.That(await running.WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(IsRestored, Is.True);
        Assert.That(_log.ToString(), Does.Contain("no daemon has ended in order; what is left on this host is taken back"));
    }

    // As SIGTERM to a service whose daemon hangs at its end: it has said how long that may take.
    [Test]
    [CancelAfter(20_000)]
    public async Task Daemon_ThatStandsStillWhileItEnds_IsKilled_AndWhatItHasLeftIsTakenBack(CancellationToken deadline)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var ending = _directory.File("ending");
        var keeper = PatientKeeper(
            "bash", "-c",
            $"trap \"mkdir {ending}; {Say(KeeperMessageKind.Living, 1)}; exec sleep 1000\" TERM; exec 9<>{Fifo.Make(_directory.File("nothing"))};"
                + $" {Say(KeeperMessageKind.Serving, 0)}; mkdir {_directory.File("served")}; read <&9");

        var running = Task.Run(() => keeper.Run(stop.Token), deadline);
        await Condition.WaitAsync(() => Directory.Exists(_directory.File("served")), Patience, "it serves", deadline);
        await stop.CancelAsync();

        Assert.That(await running.WaitAsync(deadline), Is.EqualTo(ExitCode.Success));
        Assert.That(Directory.Exists(ending), Is.True, "it was told to end, and not killed at once");
        Assert.That(IsRestored, Is.True);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task WhatIsLeft_CannotBeTakenBack_IsToldWithTheRemedy(CancellationToken deadline)
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var keeper = new DaemonKeeper(Silent, ["false"], Patience, TextWriter.Synchronized(_log), TimeProvider.System);
        Assert.That(
            await Task.Run(() => keeper.Run(stop.Token), deadline).WaitAsync(deadline), Is.EqualTo(128 + (int)ProcessSignal.Terminate));
        Assert.That(_log.ToString(), Does.Contain("may still be there; try again with 'false'"));
    }

    // More than the channel has room for, so that the keeper would wait for the process to take them.
    [Test]
    [CancelAfter(20_000)]
    public async Task WhatIsHeld_IsTakenByNobody_TheProcessIsKilled(CancellationToken deadline)
    {
        var held = new KeptDescriptors();
        using var descriptor = Libc.eventfd(0, Libc.EFD_CLOEXEC);
        for (var number = 0u; number < 10_000; number++)
            held.Hold(number, [descriptor]);
        using var daemon = new KeptDaemon(Silent, held);

        var attending = Task.Run(() => daemon.Attend(1, StartPatience, _ => { }, TimeProvider.System), deadline);

        Assert.That(await attending.WaitAsync(deadline), Is.EqualTo(128 + (int)ProcessSignal.Kill));
        Assert.That(daemon.StoodStill, Is.True);
    }

    private bool IsRestored => Directory.Exists(_directory.File("restored"));

    private DaemonKeeper Keeper(params string[] command) => Keeper(StartPatience, command);

    /// <summary>One that does not take a shell on a busy machine for one that hangs.</summary>
    private DaemonKeeper PatientKeeper(params string[] command) => Keeper(Patience, command);

    private DaemonKeeper Keeper(TimeSpan startPatience, string[] command) =>
        new(command, ["mkdir", _directory.File("restored")], startPatience, TextWriter.Synchronized(_log), TimeProvider.System);

    /// <summary>What a shell does to say a word to its keeper, as a daemon would.</summary>
    private static string Say(KeeperMessageKind kind, uint number)
    {
        Span<byte> message = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(message[sizeof(uint)..], number);
        return $"printf '{string.Concat(message.ToArray().Select(octet => $"\\x{octet:x2}"))}' >&${KeeperChannel.Variable}";
    }
}
