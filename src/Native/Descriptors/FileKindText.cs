namespace Middlebox.Native;

/// <summary>What a name stands for, in words that follow "it is".</summary>
public static class FileKindText
{
    public static string Describe(this FileKind kind) => kind switch
    {
        FileKind.Regular => "a regular file",
        FileKind.Fifo => "a FIFO",
        FileKind.CharacterDevice or FileKind.BlockDevice => "a device",
        FileKind.Directory => "a directory",
        FileKind.Socket => "a socket",
        _ => "something else",
    };
}
