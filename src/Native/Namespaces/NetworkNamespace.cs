using System.Runtime.ExceptionServices;

namespace Middlebox.Native.Namespaces;

/// <summary>A named network namespace as ip-netns(8) keeps it: a bind mount under <c>/run/netns</c>.</summary>
public static class NetworkNamespace
{
    /// <summary>Where ip-netns(8) mounts the namespaces it has named.</summary>
    public const string MountDirectory = "/run/netns";

    /// <summary>
    /// The number of the namespace that this process was started in, as ls -L /proc/self/ns/net -i prints it (namespaces(7)); 0 if it cannot be told.
    /// </summary>
    public static ulong OwnNumber
    {
        get
        {
            // The link reads net:[4026531840].
            var link = new FileInfo("/proc/self/ns/net").LinkTarget ?? "";
            return ulong.TryParse(link.AsSpan().TrimStart("net:[").TrimEnd(']'), out var number) ? number : 0;
        }
    }

    /// <summary>Runs a function inside a network namespace and returns its result.</summary>
    /// <remarks>
    /// A namespace belongs to a thread, so a fresh thread enters it and ends with the function; no pool thread is ever
    /// left in a foreign namespace. Sockets that the function creates stay in the namespace for life; what it
    /// continues asynchronously does not run there.
    /// </remarks>
    /// <exception cref="IOException">The namespace does not exist, or the process may not enter it.</exception>
    public static T Run<T>(string name, Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                result = function();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = $"netns {name}",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static void Enter(string name)
    {
        using var handle = File.OpenHandle(Path.Combine(MountDirectory, name));
        if (Libc.setns(handle, Libc.CLONE_NEWNET) != 0)
            throw ErrnoException.Last(nameof(Libc.setns), name);
    }
}
