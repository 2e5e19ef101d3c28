namespace Middlebox.Interceptor;

/// <summary>What is told to the kernel about one queued packet.</summary>
internal enum PacketOutcome
{
    Accept,

    /// <summary>Accept, with the bytes as they are now in the buffer.</summary>
    AcceptChanged,
    Drop,
}
