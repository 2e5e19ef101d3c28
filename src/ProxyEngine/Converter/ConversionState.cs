namespace Middlebox.ProxyEngine.Converter;

/// <summary>How far a connection to the converter is.</summary>
internal enum ConversionState
{
    /// <summary>The client's message is not whole yet.</summary>
    Reading,

    /// <summary>The server has not answered yet.</summary>
    Dialling,

    /// <summary>There is something to say, but the client's handshake is not complete.</summary>
    Confirming,

    /// <summary>All has been said, and the client has not closed yet: a reset would overtake the last words (RFC 8803 section 6.2.2).</summary>
    Closing,

    /// <summary>Relayed, or closed.</summary>
    Ended,
}
