using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Middlebox.Native;

/// <summary>
/// Reads files that a user or a configuration names. Such a name may stand for anything: to open a FIFO waits for somebody who writes, to open a device may
/// do something, and what is read of either may never end. So only regular files are opened, and no more is read than a limit allows.
/// </summary>
public static class RegularFile
{
    /// <summary>Most that is read of a file, in bytes: 16 MiB, far beyond any configuration, key file, topology or trace.</summary>
    public const int MostBytes = 16 << 20;

    private const int ChunkLength = 64 << 10;

    /// <summary>What the name stands for, behind symbolic links; null if there is nothing, or nothing that this user may look at.</summary>
    public static FileKind? KindOf(string path) =>
        Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_TYPE, out var status) == 0 ? Kind(in status) : null;

    /// <summary>Why a file is not read, in words that follow its name and a colon; null if it is a regular file.</summary>
    public static string? ProblemWith(string path) =>
        Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_TYPE, out var status) == 0 ? ProblemWith(Kind(in status)) : ProblemWith(Libc.LastError);

    /// <summary>Opens a file for reading, without ever waiting.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="file">The file, the caller's to dispose of, if there is no problem.</param>
    /// <param name="problem">What is wrong and what to do, in words that follow the file's name and a colon.</param>
    public static bool TryOpen(string path, [NotNullWhen(true)] out SafeFileHandle? file, [NotNullWhen(false)] out string? problem)
    {
        file = null;
        problem = ProblemWith(path);
        if (problem is not null)
            return false;
        // The name may stand for something else by now, so the file that was opened is asked again, and to open it does not wait.
        using var descriptor = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        if (descriptor.IsInvalid || Libc.statx(descriptor, "", Libc.AT_EMPTY_PATH, Libc.STATX_TYPE, out var status) < 0)
            problem = ProblemWith(Libc.LastError);
        else
            problem = ProblemWith(Kind(in status));
        if (problem is not null)
            return false;
        file = new SafeFileHandle(descriptor.Number, ownsHandle: true);
        descriptor.SetHandleAsInvalid();
        return true;
    }

    /// <summary>Opens a file and reads all of it.</summary>
    /// <inheritdoc cref="TryRead(SafeFileHandle, out byte[], out string)"/>
    public static bool TryRead(string path, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem)
    {
        content = null;
        if (!TryOpen(path, out var file, out problem))
            return false;
        using (file)
            return TryRead(file, out content, out problem);
    }

    /// <summary>Opens a file and reads all of it as text.</summary>
    /// <inheritdoc cref="TryReadText(SafeFileHandle, out string, out string)"/>
    public static bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = TryRead(path, out var content, out problem) ? Decode(content) : null;
        return text is not null;
    }

    /// <summary>Reads all of a file that is open, as text.</summary>
    /// <param name="file">The file.</param>
    /// <param name="text">UTF-8, or what its byte order mark says.</param>
    /// <param name="problem">What is wrong and what to do, in words that follow the file's name and a colon.</param>
    public static bool TryReadText(SafeFileHandle file, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = TryRead(file, out var content, out problem) ? Decode(content) : null;
        return text is not null;
    }

    /// <summary>Reads all of a file that is open.</summary>
    /// <param name="file">The file.</param>
    /// <param name="content">Up to <see cref="MostBytes"/> bytes.</param>
    /// <param name="problem">What is wrong and what to do, in words that follow the file's name and a colon.</param>
    private static bool TryRead(SafeFileHandle file, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem)
    {
        content = null;
        problem = null;
        try
        {
            // The end is where nothing more comes, and not at the length that the file says it has: files in /proc say 0.
            using var read = new MemoryStream();
            var chunk = new byte[ChunkLength];
            int count;
            while ((count = RandomAccess.Read(file, chunk, read.Length)) > 0 && read.Length + count <= MostBytes)
                read.Write(chunk.AsSpan(0, count));
            if (count == 0)
                content = read.ToArray();
            else
                problem = $"it is longer than {MostBytes >> 20} MiB, and no more is read of any file; look whether it is the right one";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"it cannot be read: {failure.Message}";
        }

        return content is not null;
    }

    private static string Decode(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content));
        return reader.ReadToEnd();
    }

    private static FileKind Kind(in statx status) => (FileKind)(status.stx_mode & Libc.S_IFMT);

    private static string? ProblemWith(FileKind kind) => kind == FileKind.Regular
        ? null
        : $"it is {kind.Describe()}, and only regular files are read; write the content into one, and name that";

    private static string ProblemWith(Errno error) => error == Errno.ENOENT
        ? "there is no such file"
        : $"it cannot be opened: {Marshal.GetPInvokeErrorMessage((int)error)}";
}
