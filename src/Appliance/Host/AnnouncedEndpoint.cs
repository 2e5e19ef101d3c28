namespace Middlebox.Appliance.Host;

/// <summary>An address that the kernel announces to clients.</summary>
/// <param name="Id">Its id in the path manager.</param>
/// <param name="Undo">What takes it away again.</param>
internal sealed record AnnouncedEndpoint(int Id, UndoStep Undo);
