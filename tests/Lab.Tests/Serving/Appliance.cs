namespace Middlebox.Lab.Tests.Serving;

/// <summary>The appliance's verbs, run as an operator does on a box's host.</summary>
public static class Appliance
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "middlebox.dll");

    /// <summary>Runs a verb that asks the box, to its end.</summary>
    public static Task<CommandResult> AskAsync(this LabHost box, CancellationToken cancellation, params string[] arguments) =>
        box.RunAsync(["dotnet", Program, .. arguments, "--socket", box.BoxControlSocket], null, cancellation);

    /// <summary>Starts a verb that goes on.</summary>
    public static BackgroundProcess StartAsking(this LabHost box, params string[] arguments) =>
        box.Start("dotnet", [Program, .. arguments, "--socket", box.BoxControlSocket]);
}
