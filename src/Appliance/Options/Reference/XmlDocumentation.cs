using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Middlebox.Appliance.Options.Reference;

/// <summary>The documentation comments of options, which the compiler writes beside each assembly: what a key means is said in one place.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _members = [];

    /// <summary>The text of a property's value element, or else of its summary; empty if the file is not there.</summary>
    public string Of(PropertyInfo property)
    {
        var name = $"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}";
        return MembersOf(property.DeclaringType.Assembly).TryGetValue(name, out var member)
            ? Text(member.Element("value") ?? member.Element("summary"))
            : "";
    }

    /// <summary>The summary of a type.</summary>
    public string Of(Type type) =>
        MembersOf(type.Assembly).TryGetValue($"T:{type.FullName}", out var member) ? Text(member.Element("summary")) : "";

    /// <summary>The summary of an enumeration's constant.</summary>
    public string Of(Type enumeration, string constant) =>
        MembersOf(enumeration.Assembly).TryGetValue($"F:{enumeration.FullName}.{constant}", out var member)
            ? Text(member.Element("summary"))
            : "";

    private Dictionary<string, XElement> MembersOf(Assembly assembly)
    {
        if (_members.TryGetValue(assembly, out var members))
            return members;
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        members = File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value)
            : [];
        _members.Add(assembly, members);
        return members;
    }

    private static string Text(XElement? element) =>
        element is null ? "" : Blanks().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => see.Attribute("cref")!.Value.Split('.')[^1],
        XElement element => element.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
