namespace Middlebox.Lab;

/// <summary>A lab that could not be built, used or removed; the message says what, where and what to do.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
