namespace Middlebox.Fuzzing;

/// <summary>A kind of target.</summary>
/// <param name="Name">One word, which is also the corpus's folder.</param>
/// <param name="Description">What is read, and what is required.</param>
/// <param name="Create">Makes one for the thread that uses it; to be disposed if it is disposable.</param>
public sealed record FuzzTargetKind(string Name, string Description, Func<IFuzzTarget> Create);
