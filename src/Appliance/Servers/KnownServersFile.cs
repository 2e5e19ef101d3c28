using System.Text;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Appliance.Servers;

/// <summary>
/// Keeps on disk what is known of servers, so that a restart, or a crash, does not make the box ask them all anew. Written by a timer when
/// something has changed, and at the end; read once. Whatever is wrong with the file costs what it said, and nothing else: a server of which
/// nothing is known is asked.
/// </summary>
internal sealed class KnownServersFile(string path, ServerCapabilities servers, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Most that a crash makes the box forget.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Longer than what any number of servers takes that a configuration may allow (<c>Negotiation:MaxKnownServers</c>).</summary>
    private const long MostBytes = 128 * 1024 * 1024;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly Lock _writing = new();
    private ITimer? _timer;
    private long _written = servers.Version;
    private bool _failed;

    /// <summary>Takes what the file says and still counts.</summary>
    public void Load()
    {
        try
        {
            if (RegularFile.KindOf(path) is not null)
                Read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ErrnoException)
        {
            ServersLog.NotRead(logger, path, failure.Message);
        }

        _written = servers.Version;
    }

    /// <summary>From now on what is learnt is written.</summary>
    public void Start() => _timer = time.CreateTimer(_ => SaveChanges(), null, Interval, Interval);

    /// <summary>Writes the file if something has been learnt or forgotten since it was last written. A failure is logged, once.</summary>
    public void SaveChanges()
    {
        lock (_writing)
        {
            // Before what is written is gathered: what is learnt meanwhile is written the next time.
            var version = servers.Version;
            if (version == _written)
                return;
            try
            {
                Write();
                _written = version;
                _failed = false;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (!_failed)
                    ServersLog.NotWritten(logger, path, failure.Message);
                _failed = true;
            }
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        SaveChanges();
    }

    private void Read()
    {
        if (!RegularFile.TryOpen(path, out var file, out var problem))
        {
            ServersLog.NotRead(logger, path, problem);
            return;
        }

        using var closing = file;
        if (!FileOwner.IsTrusted(file) || (File.GetUnixFileMode(file) & OthersWrite) != 0)
        {
            ServersLog.NotRead(logger, path, "it can be written by others than root and the user who runs the box");
            return;
        }

        if (RandomAccess.GetLength(file) > MostBytes)
        {
            ServersLog.NotRead(logger, path, $"it is longer than {MostBytes} bytes");
            return;
        }

        using var reader = new StreamReader(new FileStream(file, FileAccess.Read));
        if (reader.ReadLine() != KnownServerText.Header)
        {
            ServersLog.NotRead(logger, path, $"it does not begin with '{KnownServerText.Header}'");
            return;
        }

        var now = time.GetUtcNow();
        var faulty = 0;
        // The youngest come first, and stay if there is room for some only.
        while (reader.ReadLine() is { } line)
        {
            if (KnownServerText.TryRead(line, out var server, out var capability, out var learnt))
                servers.TryRestore(in server, capability, now - learnt);
            else
                faulty++;
        }

        if (faulty > 0)
            ServersLog.FaultyLines(logger, path, faulty);
        ServersLog.Restored(logger, servers.Count, path);
    }

    private void Write()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A file takes the place of whatever has the name, of /dev/null too.
        if (RegularFile.KindOf(path) is not (null or FileKind.Regular))
            throw new IOException(RegularFile.ProblemWith(path));
        // On disk before it takes the old one's place, so that a crash, of the machine too, leaves the old file or the new one.
        var draft = $"{path}.new";
        File.Delete(draft);
        using (var file = new FileStream(
            draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
        {
            var now = time.GetUtcNow();
            using (var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" })
            {
                writer.WriteLine(KnownServerText.Header);
                foreach (var server in servers.ToList().OrderBy(server => server.Age))
                    writer.WriteLine(KnownServerText.Write(server, now));
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
