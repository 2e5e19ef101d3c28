using System.IO.Pipes;
using System.Net.Sockets;
using Middlebox.Native;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>What is named may be anything: only regular files are read, nothing is waited for, and there is an end.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class RegularFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Fifo_IsRefused() => Assert.That(await ProblemAsync(Fifo.Make(_directory.File("fifo"))), Does.StartWith("it is a FIFO, and only regular files"));

    [Test]
    public async Task LinkToAFifo_IsRefused()
    {
        File.CreateSymbolicLink(_directory.File("link"), Fifo.Make(_directory.File("fifo")));
        Assert.That(await ProblemAsync(_directory.File("link")), Does.StartWith("it is a FIFO"));
    }

    // What a shell hands over as <(...), and as standard input behind a pipe.
    [Test]
    public async Task PipeOfThisProcess_IsRefused()
    {
        using var pipe = new AnonymousPipeServerStream();
        Assert.That(await ProblemAsync($"/proc/self/fd/{pipe.GetClientHandleAsString()}"), Does.StartWith("it is a FIFO"));
    }

    [TestCase("/dev/zero", "it is a device")]
    [TestCase("/dev/null", "it is a device")]
    [TestCase("/", "it is a directory")]
    [TestCase("/nonexistent/file", "there is no such file")]
    [TestCase("", "there is no such file")]
    public async Task WhatIsNoFile_IsRefused(string path, string problem) => Assert.That(await ProblemAsync(path), Does.StartWith(problem));

    [Test]
    public async Task Socket_IsRefused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory.File("socket")));
        Assert.That(await ProblemAsync(_directory.File("socket")), Does.StartWith("it is a socket"));
    }

    [Test]
    public async Task LongerThanTheLimit_IsRefused([Values(0, 1)] int beyond)
    {
        var path = _directory.File("long");
        using (var file = File.Create(path))
            file.SetLength(RegularFile.MostBytes + beyond);
        Assert.That(await ProblemAsync(path), beyond == 0 ? Is.Null : Does.StartWith("it is longer than 16 MiB"));
    }

    // Its length is 0 by what the kernel says.
    [Test]
    public void FileInProc_IsReadToItsEnd()
    {
        Assert.That(RegularFile.TryReadText("/proc/self/status", out var text, out _), Is.True);
        Assert.That(text, Does.Contain("VmRSS:").And.EndWith("\n"));
    }

    // Between the look at a name and the opening of the file.
    [Test]
    public async Task NameThatStandsForAFifoNowAndThen_IsNeverWaitedFor()
    {
        const int Readings = 20_000;
        var (path, file, fifo) = (_directory.File("name"), _directory.File("file"), Fifo.Make(_directory.File("fifo")));
        File.WriteAllText(file, "content");
        File.CreateSymbolicLink(path, file);
        using var ended = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                foreach (var target in new[] { fifo, file })
                {
                    File.CreateSymbolicLink(_directory.File("next"), target);
                    File.Move(_directory.File("next"), path, overwrite: true);
                }
            }
        });

        var reading = Task.Run(() => Enumerable.Range(0, Readings)
            .Select(_ => RegularFile.TryReadText(path, out var text, out var problem) ? text : problem)
            .Distinct()
            .ToList());
        var seen = await reading.WaitAsync(Patience);

        await ended.CancelAsync();
        await changing;
        Assert.That(seen, Has.Count.EqualTo(2));
        Assert.That(seen, Has.One.EqualTo("content").And.One.StartsWith("it is a FIFO"));
    }

    private static Task<string?> ProblemAsync(string path) =>
        Task.Run(() => RegularFile.TryRead(path, out _, out var problem) ? null : problem).WaitAsync(Patience);
}
