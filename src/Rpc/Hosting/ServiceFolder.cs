using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>Loads the service assemblies of a folder, so that services are deployed without rebuilding a host.</summary>
internal static class ServiceFolder
{
    private static readonly string Platform = typeof(IService).Assembly.GetName().Name!;

    /// <summary>Loads those assemblies of the folder that refer to the platform; what they need is found beside them.</summary>
    /// <exception cref="OptionsValidationException">The folder isn't there, or holds no service assembly.</exception>
    public static IReadOnlyList<Assembly> Load(string folder)
    {
        var path = Path.GetFullPath(folder);
        if (!Directory.Exists(path))
        {
            throw Refuse($"the folder '{folder}' does not exist. Build the services first, and give the folder with their .dll files");
        }

        var files = Directory.GetFiles(path, "*.dll").Where(RefersToPlatform).ToArray();
        if (files.Length == 0)
        {
            throw Refuse($"the folder '{folder}' has no assembly that refers to {Platform}. Give the folder that the services are built to, like bin/Debug/net10.0");
        }

        foreach (var resolver in files.Select(file => new AssemblyDependencyResolver(file)))
        {
            AssemblyLoadContext.Default.Resolving += (context, name) => resolver.ResolveAssemblyToPath(name) is { } found ? context.LoadFromAssemblyPath(found) : null;
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => resolver.ResolveUnmanagedDllToPath(name) is { } found ? System.Runtime.InteropServices.NativeLibrary.Load(found) : 0;
        }

        return [.. files.Select(Load)];

        Assembly Load(string file)
        {
            try
            {
                // One that the host has already, it keeps: the same type loaded twice would be two types.
                var name = AssemblyName.GetAssemblyName(file);
                return AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(loaded => loaded.GetName().Name == name.Name)
                    ?? AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
            }
            catch (Exception exception) when (exception is BadImageFormatException or IOException)
            {
                throw Refuse($"'{Path.GetFileName(file)}' in '{folder}' can't be loaded: {exception.Message}");
            }
        }
    }

    private static bool RefersToPlatform(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        try
        {
            var metadata = image.HasMetadata ? image.GetMetadataReader() : null;
            return metadata is not null
                && metadata.AssemblyReferences.Any(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name) == Platform);
        }
        catch (BadImageFormatException)
        {
            // A native library, which a service may bring along.
            return false;
        }
    }

    private static OptionsValidationException Refuse(string problem) =>
        new("Orrery:Services", typeof(NodeOptions), [$"Orrery:Services: {problem}. Set it in appsettings.json, as the environment variable Orrery__Services, or with --services."]);
}
