namespace Middlebox.Appliance.Host;

/// <summary>
/// Makes a box the only one of its control socket on the whole machine, whatever network namespaces there are: journal and socket are files, which
/// namespaces share. Held by an advisory lock (flock(2)), which goes with the process, so that a crash leaves nothing to clear away.
/// </summary>
public sealed class InstanceLock : IDisposable
{
    private readonly FileStream _file;

    /// <param name="path">The file that is locked; it is made if need be, and stays.</param>
    /// <exception cref="HostSetupException">Another box holds it, or it cannot be made.</exception>
    public InstanceLock(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new HostSetupException(
                $"'{path}' cannot be locked ({failure.Message}). If a box of the same name runs, perhaps in another network namespace, give this"
                + " one another Name, or another Control:Socket");
        }
    }

    // The file stays: whoever opened it before it was deleted would hold a lock that nobody else sees.
    public void Dispose() => _file.Dispose();
}
