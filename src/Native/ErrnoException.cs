using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>A system call failed during set-up. Hot paths return <see cref="Errno"/> instead of throwing this.</summary>
public sealed class ErrnoException : IOException
{
    public ErrnoException(string call, Errno errno, string? subject = null)
        : base($"{call}{(subject is null ? "" : $" ({subject})")}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno})")
    {
        Call = call;
        Errno = errno;
    }

    /// <summary>The system call's name as in its man page.</summary>
    public string Call { get; }

    /// <summary>What the kernel answered.</summary>
    public Errno Errno { get; }

    /// <summary>The exception for the system call that failed last on this thread.</summary>
    public static ErrnoException Last(string call, string? subject = null) => new(call, Libc.LastError, subject);
}
