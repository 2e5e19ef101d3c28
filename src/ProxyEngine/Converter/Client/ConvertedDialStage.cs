namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>How far a connection through a converter is.</summary>
internal enum ConvertedDialStage
{
    /// <summary>The converter's kernel has not answered yet.</summary>
    Connecting,

    /// <summary>The converter has been asked and has not said how it came out.</summary>
    Asking,

    /// <summary>The server has answered, and the program's own connection is awaited.</summary>
    Ready,
}
